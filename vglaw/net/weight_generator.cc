#include "vglaw/net/weight_generator.h"

#include <cmath>
#include <limits>

namespace vglaw::net {

LanguageConditionImpl::LanguageConditionImpl(int hidden, const LawConfig& config) : rank(config.rank) {
    const int reduced = hidden / config.reduction;  // d_h = d_l / r
    reduce = register_module("reduce", torch::nn::Linear(hidden, reduced));
    if (config.norm)
        norm = register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({reduced}).eps(1e-5)));
    generate = register_module("generate", torch::nn::Linear(reduced, rank * rank));
}

torch::Tensor LanguageConditionImpl::forward(const torch::Tensor& h0) {
    auto h1 = reduce(h0);
    if (!norm.is_empty()) h1 = norm(h1.to(norm->weight.scalar_type()));  // under mixed precision it comes as bf16
    return generate(torch::gelu(h1)).view({h0.size(0), rank, rank});     // row-major, as model.md section 2 says
}

WeightGeneratorImpl::WeightGeneratorImpl(const TextConfig& text, const VisionConfig& vision, const LawConfig& law)
    : config(law) {
    layer_embedding = register_parameter("layer_embedding", torch::empty({vision.depth, text.hidden}));
    P = register_parameter("P", torch::empty({3 * vision.dim, law.rank}));
    Q = register_parameter("Q", torch::empty({vision.dim, law.rank}));
    const auto list = register_module("blocks", std::make_shared<torch::nn::Module>());
    for (int i = 0; i < vision.depth; ++i) {
        blocks.emplace_back(text.hidden, law);
        list->register_module(std::to_string(i), blocks.back().ptr());
    }
}

WeightGeneratorImpl::Output WeightGeneratorImpl::forward(const torch::Tensor& F_l, const torch::Tensor& token_mask) {
    const auto batch = F_l.size(0), length = F_l.size(1), hidden = F_l.size(2);
    const auto groups = std::int64_t{config.groups}, width = hidden / groups;
    const auto depth = layer_embedding.size(0);

    // Aggregation: every block asks every group of channels which words it needs. No projections.
    const auto words = F_l.view({batch, length, groups, width}).permute({0, 2, 1, 3});  // (B, G, L, d_g)
    const auto asks = layer_embedding.view({depth, groups, width}).permute({1, 2, 0});  // (G, d_g, depth)
    auto scores = torch::matmul(words, asks);                                           // (B, G, L, depth)
    if (config.scale_scores) scores = scores / std::sqrt(double(width));
    scores =
        scores.to(torch::promote_types(scores.scalar_type(), torch::kFloat))
            .masked_fill(token_mask.logical_not().view({batch, 1, length, 1}), std::numeric_limits<float>::lowest());
    const auto alpha = scores.softmax(2).permute({0, 1, 3, 2});  // (B, G, depth, L)
    const auto h0 =
        torch::matmul(alpha, words).permute({2, 0, 1, 3}).reshape({depth, batch, hidden});  // (depth, B, d_l)

    Output output;
    output.token_attention = alpha.permute({0, 2, 1, 3});  // (B, depth, G, L)
    for (std::int64_t i = 0; i < depth; ++i) output.blocks.push_back({blocks[std::size_t(i)](h0[i]), P, Q});
    return output;
}

}  // namespace vglaw::net
