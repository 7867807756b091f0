// "Extract first, adjust after": modules that change the visual features between blocks by the expression, with static
// weights. What the paper compares adaptive weights with (docs/model.md has the equations and their sources).
#pragma once

#include <map>

#include "vglaw/model/config.h"
#include "vglaw/net/torch.h"

namespace vglaw::net {

struct FusionModule : torch::nn::Module {
    /// x: (B, h, w, C); F_l: (B, L, d_l); words: (B, L) bool, those to listen to; query: (B, d_l), what stands for the
    /// whole expression -> (B, h, w, C)
    virtual torch::Tensor adjust(const torch::Tensor& x, const torch::Tensor& F_l, const torch::Tensor& words,
                                 const torch::Tensor& query) = 0;
};

/// LAVT's pixel-word attention with its language gate (Yang et al. 2022, sections 3.2 and 3.3).
struct PixelWordAttention final : FusionModule {
    PixelWordAttention(int vision_dim, int text_hidden);
    torch::Tensor adjust(const torch::Tensor& x, const torch::Tensor& F_l, const torch::Tensor& words,
                         const torch::Tensor& query) override;

    torch::nn::Linear query{nullptr}, key{nullptr}, value{nullptr}, out{nullptr}, vision{nullptr}, merge{nullptr},
        gate0{nullptr}, gate1{nullptr};
};

/// A linear layer whose parameters the expression makes: M = U S, (in + 1, out), its last row the bias; U (in + 1, K)
/// generated, S (K, out) static.
struct DynamicLinearImpl : torch::nn::Module {
    DynamicLinearImpl(int in, int out, int text_hidden, int factor);
    /// z: (B, n, in); query: (B, d_l) -> (B, n, out)
    torch::Tensor forward(const torch::Tensor& z, const torch::Tensor& query);

    int in;
    torch::nn::Linear generate{nullptr};
    torch::Tensor factor;
};
TORCH_MODULE(DynamicLinear);

/// QRNet's query-aware dynamic attention: over channels, then over positions (Ye et al. 2022, section 3.2).
struct QueryAwareAttention final : FusionModule {
    QueryAwareAttention(int vision_dim, int text_hidden, const FusionConfig& config);
    torch::Tensor adjust(const torch::Tensor& x, const torch::Tensor& F_l, const torch::Tensor& words,
                         const torch::Tensor& query) override;

    DynamicLinear channel0{nullptr}, channel1{nullptr}, spatial{nullptr};
};

struct FusionImpl : torch::nn::Module {
    explicit FusionImpl(const ModelConfig& config);
    /// The output x (B, h, w, C) of block `block`, adjusted where a module follows it.
    torch::Tensor forward(int block, const torch::Tensor& x, const torch::Tensor& F_l, const torch::Tensor& words,
                          const torch::Tensor& query);

    std::map<int, std::shared_ptr<FusionModule>> modules;  ///< by the index of the block before
};
TORCH_MODULE(Fusion);

}  // namespace vglaw::net
