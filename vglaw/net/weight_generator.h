// Language-adaptive weights: from the expression to what it changes in each block's qkv projection (model.md section 2;
// the paper's LAWG), and the alternatives it is compared with.
#pragma once

#include "vglaw/model/config.h"
#include "vglaw/net/torch.h"

namespace vglaw::net {

/// What the expression changes in one block's qkv projection; undefined tensors belong to another law.kind.
struct AdaptedWeights {
    torch::Tensor phi{};       ///< lowrank: (B, d_w, d_w); W = W0 + P phi Q^T, never built in the forward pass
    torch::Tensor P{};         ///< lowrank: (3C, d_w), shared by all blocks
    torch::Tensor Q{};         ///< lowrank: (C, d_w), shared by all blocks
    torch::Tensor gain{};      ///< scale: s (B, C); W = W0 diag(1 + s)
    torch::Tensor mixing{};    ///< mixture: (B, K), rows sum to 1; W = sum_k mixing_k (W0 + D_k)
    torch::Tensor kernels{};   ///< mixture: D (K, 3C, C)
    torch::Tensor delta{};     ///< full: (B, 3C, C); W = W0 + delta
    bool materialize = false;  ///< build W where there is a cheaper way; for benchmarks alone

    [[nodiscard]] bool active() const { return phi.defined() || gain.defined() || mixing.defined() || delta.defined(); }
    /// Calls visit(tensor) for every one that is defined, always in the same order.
    template <typename Visit>
    void each_tensor(Visit visit) {
        for (torch::Tensor* tensor : {&phi, &P, &Q, &gain, &mixing, &kernels, &delta}) {
            if (tensor->defined()) visit(*tensor);
        }
    }
};

/// h1 = GELU(LN(W1 h0 + b1)).
struct Reduction {
    torch::nn::Linear reduce{nullptr};
    torch::nn::LayerNorm norm{nullptr};  ///< empty for law.norm = false

    void register_in(torch::nn::Module& owner, int hidden, const LawConfig& config);
    /// h0: (B, d_l) -> h1 (B, d_h)
    torch::Tensor operator()(const torch::Tensor& h0);
};

/// One block's: from the words it listened to, to what they change. P and Q of the result are the generator's to add.
struct LanguageConditionImpl : torch::nn::Module {
    LanguageConditionImpl(int hidden, int vision_dim, const LawConfig& config);
    /// h: h0 (B, d_l); for law.kind = full h1 (B, d_h), whose reduction all blocks share
    AdaptedWeights forward(const torch::Tensor& h);

    std::string kind;
    int rank, vision_dim;
    Reduction reduction;
    torch::nn::Linear generate{nullptr};
    torch::Tensor kernels;
};
TORCH_MODULE(LanguageCondition);

struct WeightGeneratorImpl : torch::nn::Module {
    explicit WeightGeneratorImpl(const ModelConfig& config);

    struct Output {
        std::vector<AdaptedWeights> blocks;  ///< one a block of the visual encoder; inactive where it does not adapt
        torch::Tensor token_attention;       ///< alpha, (B, adapted, G, L); rows sum to 1 over unpadded tokens
    };
    /// F_l: (B, L, d_l); token_mask: (B, L) bool
    Output forward(const torch::Tensor& F_l, const torch::Tensor& token_mask);

    LawConfig config;
    int depth;
    std::vector<int> adapted;  ///< indices of the blocks, ascending; one LanguageCondition each
    torch::Tensor layer_embedding, P, Q;
    Reduction shared_reduction;  ///< law.kind = full
    std::vector<LanguageCondition> blocks;
};
TORCH_MODULE(WeightGenerator);

}  // namespace vglaw::net
