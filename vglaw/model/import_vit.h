// A plain ViT under somebody's names, into visual_encoder.*: what ViTDet, MAE, timm and SAM have in common.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "vglaw/model/imported_part.h"

namespace vglaw {

struct VitNames {
    std::string prefix;                    ///< before every name: "backbone.net."
    std::string fc1 = "fc1", fc2 = "fc2";  ///< the MLP's layers
    int class_rows = 1;                    ///< rows of pos_embed before its grid
    bool relative = false;                 ///< has tables of relative positions; without them they stay 0
};

/// Takes every tensor of visual_encoder.* that the names cover. Throws as PartReader does; a table whose width is not
/// the config's head (dim / heads) is refused by it.
void take_vit(const StateDict& state, const ModelConfig& config, const VitNames& names, RelativePositions how,
              ImportedPart& part);

/// Which of the known kinds a file is, told by its names: "vitdet", "sam", "timm", "mae". Throws unsupported when it is
/// none: HF's split q, k, v, CLIP, DINOv2's layer scales by their names.
[[nodiscard]] std::string vit_kind(const StateDict& state);

/// The prefix before `blocks.0.attn.qkv.weight`, when there is exactly one; throws not_found otherwise.
[[nodiscard]] std::string vit_prefix(const StateDict& state);

/// Imports a visual encoder of a kind ("vitdet", "mae", "timm", "sam"), or of the one that the file looks like
/// ("vision").
[[nodiscard]] ImportedPart import_vision(const std::string& kind, const std::filesystem::path& path,
                                         const ModelConfig& config, RelativePositions how);

}  // namespace vglaw
