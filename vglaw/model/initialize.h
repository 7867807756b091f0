// First values of every weight, by name, without LibTorch: the same seed gives the same numbers under any LibTorch
// version.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "vglaw/model/config.h"

namespace vglaw {

struct InitConfig {
    std::string kind = "pretrained";
    double generate_gain = 0;

    template <typename Visitor>
    void visit_fields(Visitor& visit) {
        visit("kind", kind,
              "pretrained: std 0.02 as BERT and ViT use below imported weights; scratch: fan-in "
              "scaled layers, "
              "sin-cos positions, wide P, Q and layer embeddings, for models that start from nothing",
              OneOf{"pretrained", "scratch"});
        visit("generate_gain", generate_gain,
              "how much the expression changes at the start: std of Phi's weights times sqrt(d_h d_w), and alike for "
              "other "
              "law.kinds and for fusion modules; 0 starts at the plain ViT, as the paper's initialisation does",
              Between{0, 10});
    }
};

using WeightMap = std::map<std::string, std::vector<float>>;

/// One vector a tensor of tensor_shapes(config), row-major. Tensor by tensor its own random stream, so the order is
/// irrelevant.
[[nodiscard]] WeightMap initial_weights(const ModelConfig& config, const InitConfig& init, std::uint64_t seed);

}  // namespace vglaw
