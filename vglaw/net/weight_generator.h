// Language-adaptive weights: from the expression to one d_w x d_w matrix a block (model.md section 2; the paper's
// LAWG).
#pragma once

#include "vglaw/model/config.h"
#include "vglaw/net/torch.h"

namespace vglaw::net {

/// What the expression changes in one block's qkv projection. W = W0 + P phi Q^T, never built in the forward pass.
struct AdaptedWeights {
    torch::Tensor phi;  ///< (B, d_w, d_w); undefined for the passive baseline
    torch::Tensor P;    ///< (3C, d_w), shared by all blocks
    torch::Tensor Q;    ///< (C, d_w), shared by all blocks
    [[nodiscard]] bool active() const { return phi.defined(); }
};

struct LanguageConditionImpl : torch::nn::Module {
    LanguageConditionImpl(int hidden, const LawConfig& config);
    /// h0: (B, d_l) -> Phi(h1): (B, d_w, d_w)
    torch::Tensor forward(const torch::Tensor& h0);

    int rank;
    torch::nn::Linear reduce{nullptr}, generate{nullptr};
    torch::nn::LayerNorm norm{nullptr};
};
TORCH_MODULE(LanguageCondition);

struct WeightGeneratorImpl : torch::nn::Module {
    WeightGeneratorImpl(const TextConfig& text, const VisionConfig& vision, const LawConfig& law);

    struct Output {
        std::vector<AdaptedWeights> blocks;  ///< one a block
        torch::Tensor token_attention;       ///< alpha, (B, depth, G, L); rows sum to 1 over unpadded tokens
    };
    /// F_l: (B, L, d_l); token_mask: (B, L) bool
    Output forward(const torch::Tensor& F_l, const torch::Tensor& token_mask);

    LawConfig config;
    torch::Tensor layer_embedding, P, Q;
    std::vector<LanguageCondition> blocks;
};
TORCH_MODULE(WeightGenerator);

}  // namespace vglaw::net
