// Segment Anything's image encoder, into visual_encoder.* (formats.md 4.5).
#pragma once

#include <filesystem>

#include "vglaw/model/import_vit.h"

namespace vglaw {

/// Its position grid has no class token's row and is 64 x 64; the neck, the prompt encoder and the mask decoder are
/// left out. Throws as take_vit does.
[[nodiscard]] ImportedPart import_sam(const std::filesystem::path& path, const ModelConfig& config,
                                      RelativePositions how);

}  // namespace vglaw
