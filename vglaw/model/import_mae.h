// Masked autoencoders (He et al. 2022), the encoder's weights, into visual_encoder.* (formats.md 4.4).
#pragma once

#include <filesystem>

#include "vglaw/model/import_vit.h"

namespace vglaw {

/// The class token, the last norm and a decoder are left out; relative positions, which it lacks, stay at 0, as
/// detectron2 starts them. Throws as take_vit does.
[[nodiscard]] ImportedPart import_mae(const std::filesystem::path& path, const ModelConfig& config);

}  // namespace vglaw
