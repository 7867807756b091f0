// JSON that lies in the folders of runs: written by this program, edited by people, broken by disks.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "vglaw/core/config_fields.h"

namespace vglaw {

/// Discarded (no object, no list) for what is no JSON or nests deeper than 64: copying and printing would go as deep.
[[nodiscard]] Json parse_folder_json(const std::string& text);
/// Of a file. Throws as read_text does.
[[nodiscard]] Json read_folder_json(const std::filesystem::path& path, std::size_t max_bytes);

}  // namespace vglaw
