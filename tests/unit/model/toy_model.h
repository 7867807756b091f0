// A model small enough to write down: its config, vocabulary and weights.
#pragma once

#include <string>
#include <vector>

#include "vglaw/model/bundle.h"
#include "vglaw/model/initialize.h"

namespace vglaw {

inline const std::vector<std::string> toy_pieces{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "the",
                                                 "red",   "ball",  "##s",   "left"};

inline ModelConfig toy_config() {
    ModelConfig config;
    config.image.size = 16;
    config.text = {.vocab_size = int(toy_pieces.size()),
                   .max_positions = 8,
                   .hidden = 8,
                   .heads = 2,
                   .layers = 1,
                   .ffn = 12,
                   .max_tokens = 6};
    config.vision.patch = 4;
    config.vision.dim = 8;
    config.vision.heads = 2;
    config.vision.depth = 2;
    config.vision.mlp_ratio = 2;
    config.vision.window = 2;
    config.vision.global_blocks = {1};
    config.vision.position_grid = 3;
    config.law.groups = 2;
    config.law.reduction = 2;
    config.law.rank = 3;
    config.box_head.pool_dim = 4;
    config.box_head.hidden = 6;
    config.mask_head.dim = 5;
    return config;
}

/// Views over `weights`, which must outlive them.
inline std::map<std::string, TensorView> views_of(const ModelConfig& config, const WeightMap& weights) {
    std::map<std::string, TensorView> views;
    for (const auto& [name, shape] : tensor_shapes(config)) {
        const auto& values = weights.at(name);
        views[name] = {Dtype::f32, shape, {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * 4}};
    }
    return views;
}

}  // namespace vglaw
