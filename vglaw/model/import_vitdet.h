// detectron2's ViTDet, the encoder the paper starts from, into visual_encoder.* (formats.md 4.2, 4.3).
#pragma once

#include <filesystem>

#include "vglaw/model/import_vit.h"

namespace vglaw {

/// A model zoo pickle (model_final_DIGEST.pkl), or the same names in a torch or safetensors file. A pickle with six hex
/// digits at the end of its name must have them as the beginning of its MD5, as the model zoo's do: corrupt_data
/// otherwise. Throws as take_vit does.
[[nodiscard]] ImportedPart import_vitdet(const std::filesystem::path& path, const ModelConfig& config,
                                         RelativePositions how);

}  // namespace vglaw
