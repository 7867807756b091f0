// timm's plain ViTs (vit_base_patch16_*), into visual_encoder.* (formats.md 4.5).
#pragma once

#include <filesystem>

#include "vglaw/model/import_vit.h"

namespace vglaw {

/// As MAE's, with a classifier that is left out. Throws as take_vit does.
[[nodiscard]] ImportedPart import_timm(const std::filesystem::path& path, const ModelConfig& config);

}  // namespace vglaw
