// The network that tools/golden/weights.py wrote files for, and where they are.
#pragma once

#include <filesystem>
#include <string>

#include "vglaw/model/bundle.h"

namespace vglaw {

inline std::filesystem::path golden_weights(const std::string& name) {
    return VGLAW_SOURCE_DIR "/tests/golden/model/" + name;
}
inline const char* const golden_vitdet = "model_final_d4c067.pkl";

/// Windows of 3 on a 7 x 7 grid (padded), a global block whose tables were made for 13 x 13, a position grid of 5, and
/// the first 2 of BERT's 3 layers.
inline ModelConfig import_config() {
    ModelConfig config;
    config.image.size = 28;
    config.text = {
        .vocab_size = 30, .max_positions = 12, .hidden = 32, .heads = 4, .layers = 2, .ffn = 48, .max_tokens = 12};
    config.vision.patch = 4;
    config.vision.dim = 16;
    config.vision.heads = 2;
    config.vision.depth = 3;
    config.vision.mlp_ratio = 2;
    config.vision.window = 3;
    config.vision.global_blocks = {1};
    config.vision.position_grid = 5;
    config.law.groups = 4;
    config.law.reduction = 4;
    config.law.rank = 5;
    config.box_head.pool_dim = 6;
    config.box_head.hidden = 10;
    config.mask_head.dim = 8;
    return config;
}

/// How many tensors of the network begin so.
inline std::size_t tensors_of(const ModelConfig& config, const std::string& prefix) {
    std::size_t count = 0;
    for (const auto& [name, shape] : tensor_shapes(config)) count += name.starts_with(prefix) ? 1 : 0;
    return count;
}

}  // namespace vglaw
