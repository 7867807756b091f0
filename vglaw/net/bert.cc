#include "vglaw/net/bert.h"

#include <cmath>
#include <limits>

namespace vglaw::net {
namespace {

constexpr double layer_norm_eps = 1e-12;  // BERT's own

torch::nn::LayerNorm make_norm(int width) {
    return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}).eps(layer_norm_eps));
}

/// A container that only gives names their dots: attention.self, attention.output, ...
std::shared_ptr<torch::nn::Module> scope() { return std::make_shared<torch::nn::Module>(); }

}  // namespace

BertSelfAttentionImpl::BertSelfAttentionImpl(int hidden, int heads) : heads(heads) {
    query = register_module("query", torch::nn::Linear(hidden, hidden));
    key = register_module("key", torch::nn::Linear(hidden, hidden));
    value = register_module("value", torch::nn::Linear(hidden, hidden));
}

torch::Tensor BertSelfAttentionImpl::forward(const torch::Tensor& x, const torch::Tensor& bias) {
    const auto batch = x.size(0), length = x.size(1), width = x.size(2), head = width / heads;
    const auto split = [&](const torch::Tensor& t) { return t.view({batch, length, heads, head}).transpose(1, 2); };
    const auto q = split(query(x)), k = split(key(x)), v = split(value(x));                       // (B, heads, L, d)
    const auto scores = torch::matmul(q, k.transpose(2, 3)) / std::sqrt(double(head)) + bias;     // (B, heads, L, L)
    return torch::matmul(scores.softmax(-1), v).transpose(1, 2).reshape({batch, length, width});  // (B, L, d_l)
}

BertOutputImpl::BertOutputImpl(int in, int hidden) {
    dense = register_module("dense", torch::nn::Linear(in, hidden));
    LayerNorm = register_module("LayerNorm", make_norm(hidden));
}

torch::Tensor BertOutputImpl::forward(const torch::Tensor& x, const torch::Tensor& residual) {
    return LayerNorm(dense(x) + residual);
}

BertLayerImpl::BertLayerImpl(const TextConfig& config) {
    self = BertSelfAttention(config.hidden, config.heads);
    attention_output = BertOutput(config.hidden, config.hidden);
    const auto attention = register_module("attention", scope());
    attention->register_module("self", self.ptr());
    attention->register_module("output", attention_output.ptr());
    intermediate = torch::nn::Linear(config.hidden, config.ffn);
    register_module("intermediate", scope())->register_module("dense", intermediate.ptr());
    output = register_module("output", BertOutput(config.ffn, config.hidden));
}

torch::Tensor BertLayerImpl::forward(const torch::Tensor& x, const torch::Tensor& bias) {
    const auto attended = attention_output(self(x, bias), x);
    return output(torch::gelu(intermediate(attended)), attended);
}

BertImpl::BertImpl(const TextConfig& config) : config(config) {
    const auto embeddings = register_module("embeddings", scope());
    word_embeddings = torch::nn::Embedding(config.vocab_size, config.hidden);
    position_embeddings = torch::nn::Embedding(config.max_positions, config.hidden);
    token_type_embeddings = torch::nn::Embedding(2, config.hidden);
    LayerNorm = make_norm(config.hidden);
    embeddings->register_module("word_embeddings", word_embeddings.ptr());
    embeddings->register_module("position_embeddings", position_embeddings.ptr());
    embeddings->register_module("token_type_embeddings", token_type_embeddings.ptr());
    embeddings->register_module("LayerNorm", LayerNorm.ptr());
    const auto list = register_module("encoder", scope())->register_module("layer", scope());
    for (int i = 0; i < config.layers; ++i) {
        layers.emplace_back(config);
        list->register_module(std::to_string(i), layers.back().ptr());
    }
}

torch::Tensor BertImpl::forward(const torch::Tensor& ids, const torch::Tensor& token_mask) {
    const auto positions = torch::arange(ids.size(1), ids.options());
    auto x = word_embeddings(ids) + position_embeddings(positions) + token_type_embeddings(torch::zeros_like(ids));
    x = LayerNorm(x);  // (B, L, d_l)
    // The most negative number instead of BERT's -10000: equal unless every position is masked, which [CLS] rules out.
    const auto bias = torch::zeros(token_mask.sizes(), x.options())
                          .masked_fill(token_mask.logical_not(), std::numeric_limits<float>::lowest())
                          .unsqueeze(1)
                          .unsqueeze(1);  // (B, 1, 1, L)
    for (auto& layer : layers) x = layer(x, bias);
    return x;
}

}  // namespace vglaw::net
