// A network small enough for finite differences, with weights that leave nothing at zero.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "tests/unit/net/test_device.h"
#include "vglaw/model/initialize.h"
#include "vglaw/net/network.h"

namespace vglaw::net {

/// The numbers of tools/golden/net.py: windows of 3 on a 7 x 7 grid (padded), a position grid of 5 (resized).
inline ModelConfig golden_config() {
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

/// Smaller still, with everything that makes the whole: a padded window block and a global one, resized positions.
inline ModelConfig tiny_config() {
    auto config = golden_config();
    config.image.size = 20;  // a 5 x 5 grid, windows of 3: padded to 6
    config.text.vocab_size = 11;
    config.text.max_positions = 8;
    config.text.max_tokens = 8;
    config.text.hidden = 8;
    config.text.heads = 2;
    config.text.ffn = 12;
    config.vision.dim = 8;
    config.vision.depth = 2;
    config.vision.position_grid = 4;
    config.law.groups = 2;
    config.law.rank = 3;
    return config;
}

/// Random values for every parameter: norms around 1, the rest around 0. One stream a call, by `seed`.
inline void randomize(torch::nn::Module& network, std::uint64_t seed, double std = 0.3) {
    torch::NoGradGuard no_grad;
    torch::manual_seed(seed);
    for (auto& item : network.named_parameters()) {
        const auto& name = item.key();
        const bool scale = name.find("orm.weight") != std::string::npos ||
                           name.find("norm1.weight") != std::string::npos ||
                           name.find("norm2.weight") != std::string::npos;
        auto values = torch::randn(item.value().sizes(), torch::kDouble) * std;
        item.value().copy_(scale ? values + 1 : values);
    }
}

/// Copies weights by name; each parameter must be there, under `prefix`.
inline void fill(torch::nn::Module& network, const WeightMap& weights, const std::string& prefix) {
    torch::NoGradGuard no_grad;
    for (auto& item : network.named_parameters()) {
        const auto& values = weights.at(prefix + item.key());
        item.value().copy_(torch::tensor(values).view(item.value().sizes()));
    }
}

/// In double precision and evaluation mode.
inline Network tiny_network(const ModelConfig& config = tiny_config(), std::uint64_t seed = 1) {
    Network network(config);
    network->to(test_device(), torch::kDouble);
    randomize(*network, seed);
    network->eval();
    return network;
}

struct Batch {
    torch::Tensor images, ids, token_mask;
};

/// Expressions of the given lengths, padded with 0 to the longest.
inline Batch tiny_batch(const ModelConfig& config, const std::vector<std::int64_t>& lengths, std::uint64_t seed = 2) {
    torch::manual_seed(seed);
    const auto batch = std::int64_t(lengths.size()), size = std::int64_t{config.image.size};
    const auto longest = *std::max_element(lengths.begin(), lengths.end());
    Batch made;
    made.images = torch::randn({batch, 3, size, size}, torch::kDouble);
    made.token_mask = torch::arange(longest).unsqueeze(0) < torch::tensor(lengths).unsqueeze(1);
    made.ids = torch::randint(1, config.text.vocab_size, {batch, longest}, torch::kLong) * made.token_mask;
    return {made.images.to(test_device()), made.ids.to(test_device()), made.token_mask.to(test_device())};
}

/// The largest absolute difference.
inline double apart(const torch::Tensor& a, const torch::Tensor& b) {
    TORCH_CHECK(a.sizes() == b.sizes(), "shapes differ: ", a.sizes(), " and ", b.sizes());
    return (a.to(torch::kCPU, torch::kDouble) - b.to(torch::kCPU, torch::kDouble)).abs().max().item<double>();
}

}  // namespace vglaw::net
