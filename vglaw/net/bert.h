// Text encoder: BERT, post-norm, no pooler (model.md section 1; Devlin et al. 2019). Module names are Hugging Face's.
#pragma once

#include "vglaw/model/config.h"
#include "vglaw/net/torch.h"

namespace vglaw::net {

struct BertSelfAttentionImpl : torch::nn::Module {
    BertSelfAttentionImpl(int hidden, int heads);
    /// x: (B, L, d_l), bias: (B, 1, 1, L) added to the scores (0 or a large negative for padding) -> (B, L, d_l)
    torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& bias);

    int heads;
    torch::nn::Linear query{nullptr}, key{nullptr}, value{nullptr};
};
TORCH_MODULE(BertSelfAttention);

/// dense, then LayerNorm of the sum with the residual.
struct BertOutputImpl : torch::nn::Module {
    BertOutputImpl(int in, int hidden);
    torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& residual);

    torch::nn::Linear dense{nullptr};
    torch::nn::LayerNorm LayerNorm{nullptr};
};
TORCH_MODULE(BertOutput);

struct BertLayerImpl : torch::nn::Module {
    explicit BertLayerImpl(const TextConfig& config);
    torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& bias);

    BertSelfAttention self{nullptr};
    BertOutput attention_output{nullptr}, output{nullptr};
    torch::nn::Linear intermediate{nullptr};
};
TORCH_MODULE(BertLayer);

struct BertImpl : torch::nn::Module {
    explicit BertImpl(const TextConfig& config);
    /// ids: (B, L) int64; token_mask: (B, L) bool, true where a token stands -> F_l (B, L, d_l)
    torch::Tensor forward(const torch::Tensor& ids, const torch::Tensor& token_mask);

    TextConfig config;
    torch::nn::Embedding word_embeddings{nullptr}, position_embeddings{nullptr}, token_type_embeddings{nullptr};
    torch::nn::LayerNorm LayerNorm{nullptr};
    std::vector<BertLayer> layers;
};
TORCH_MODULE(Bert);

}  // namespace vglaw::net
