// Config files: TOML on disk, the same tree as JSON in memory; overrides from the command line.
#pragma once

#include <filesystem>
#include <string>

#include "vglaw/core/config_fields.h"

namespace vglaw {

/// Parses a TOML file into a JSON tree. Throws not_found, or invalid_argument with line and column, also for a line of
/// more than 4096 bytes.
[[nodiscard]] Json read_toml(const std::filesystem::path& path);
[[nodiscard]] Json parse_toml(const std::string& text, const std::string& origin);

/// Applies `law.kind=none`, `train.lr=1e-3`, `vision.global_blocks=[2, 5]`: the value is TOML; a bare word is a text.
void apply_override(Json& tree, const std::string& assignment);

}  // namespace vglaw
