#include "vglaw/net/fusion.h"

#include <cmath>
#include <limits>

namespace vglaw::net {
namespace {

constexpr double instance_norm_eps = 1e-5;

/// x: (B, N, C); over the positions of each sample and channel, without learned scale and shift.
torch::Tensor instance_norm(const torch::Tensor& x) {
    const auto y = x.to(torch::promote_types(x.scalar_type(), torch::kFloat));
    const auto centred = y - y.mean(1, true);
    return centred / (centred.square().mean(1, true) + instance_norm_eps).sqrt();
}

std::shared_ptr<FusionModule> make_module(const ModelConfig& config) {
    const int dim = config.vision.dim, hidden = config.text.hidden;
    if (config.fusion.kind == "pwam") return std::make_shared<PixelWordAttention>(dim, hidden);
    return std::make_shared<QueryAwareAttention>(dim, hidden, config.fusion);
}

}  // namespace

PixelWordAttention::PixelWordAttention(int vision_dim, int text_hidden) {
    const auto square = [&] { return torch::nn::Linear(vision_dim, vision_dim); };
    query = register_module("query", square());
    key = register_module("key", torch::nn::Linear(text_hidden, vision_dim));
    value = register_module("value", torch::nn::Linear(text_hidden, vision_dim));
    out = register_module("out", square());
    vision = register_module("vision", square());
    merge = register_module("merge", square());
    const auto gate = register_module("gate", std::make_shared<torch::nn::Module>());
    gate0 = gate->register_module("0", square());
    gate1 = gate->register_module("1", square());
}

torch::Tensor PixelWordAttention::adjust(const torch::Tensor& x, const torch::Tensor& F_l, const torch::Tensor& words,
                                         const torch::Tensor&) {
    const auto V = x.flatten(1, 2);  // (B, N, C)
    const auto V_q = instance_norm(query(V));
    const auto L_k = key(F_l), L_v = value(F_l);  // (B, L, C)
    auto scores = torch::bmm(V_q.to(L_k.scalar_type()), L_k.transpose(1, 2)) / std::sqrt(double(V.size(2)));
    scores = scores.to(torch::promote_types(scores.scalar_type(), torch::kFloat))
                 .masked_fill(words.logical_not().unsqueeze(1), std::numeric_limits<float>::lowest());
    const auto attended = torch::bmm(scores.softmax(2).to(L_v.scalar_type()), L_v);  // (B, N, C)
    const auto G = instance_norm(out(attended));
    const auto V_m = vision(V).relu();
    const auto F = merge(V_m * G).relu();
    const auto S = gate1(gate0(F).relu()).tanh();
    return (V + S * F).view(x.sizes());
}

DynamicLinearImpl::DynamicLinearImpl(int in, int out, int text_hidden, int inner) : in(in) {
    generate = register_module("generate", torch::nn::Linear(text_hidden, (in + 1) * inner));
    factor = register_parameter("factor", torch::empty({inner, out}));
}

torch::Tensor DynamicLinearImpl::forward(const torch::Tensor& z, const torch::Tensor& query) {
    const auto U = generate(query).view({-1, in + 1, factor.size(0)});  // (B, in + 1, K)
    // Either way the same product; the cheaper one first.
    if (factor.size(1) < factor.size(0)) {
        const auto M = torch::matmul(U, factor);  // (B, in + 1, out)
        return torch::matmul(z, M.slice(1, 0, in)) + M.slice(1, in);
    }
    return torch::matmul(torch::matmul(z, U.slice(1, 0, in)) + U.slice(1, in), factor);
}

QueryAwareAttention::QueryAwareAttention(int vision_dim, int text_hidden, const FusionConfig& config) {
    const int inner = vision_dim / config.reduction;
    const auto channel = register_module("channel", std::make_shared<torch::nn::Module>());
    channel0 = channel->register_module("0", DynamicLinear(vision_dim, inner, text_hidden, config.factor));
    channel1 = channel->register_module("1", DynamicLinear(inner, vision_dim, text_hidden, config.factor));
    spatial = register_module("spatial", DynamicLinear(vision_dim, 1, text_hidden, config.factor));
}

torch::Tensor QueryAwareAttention::adjust(const torch::Tensor& x, const torch::Tensor&, const torch::Tensor&,
                                          const torch::Tensor& q) {
    const auto F = x.flatten(1, 2);  // (B, N, C)
    // The MLP is one for both summaries, so they pass as two rows.
    const auto summaries = torch::stack({std::get<0>(F.max(1)), F.mean(1)}, 1);  // (B, 2, C)
    const auto channels = channel1(channel0(summaries, q).relu(), q).sum(1, true);
    // Twice the sigmoid: a gate of 0 lets through instead of halving (docs/fidelity.md).
    const auto adjusted = F * (2 * channels.sigmoid());         // (B, N, C)
    const auto positions = 2 * spatial(adjusted, q).sigmoid();  // (B, N, 1)
    return (adjusted * positions).to(x.scalar_type()).view(x.sizes());
}

FusionImpl::FusionImpl(const ModelConfig& config) {
    const auto list = register_module("blocks", std::make_shared<torch::nn::Module>());
    for (const int i : config.fused_blocks()) {
        const auto module = make_module(config);
        list->register_module<torch::nn::Module>(std::to_string(i), module);
        modules[i] = module;
    }
}

torch::Tensor FusionImpl::forward(int block, const torch::Tensor& x, const torch::Tensor& F_l,
                                  const torch::Tensor& words, const torch::Tensor& query) {
    const auto found = modules.find(block);
    return found == modules.end() ? x : found->second->adjust(x, F_l, words, query);
}

}  // namespace vglaw::net
