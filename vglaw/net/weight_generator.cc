#include "vglaw/net/weight_generator.h"

#include <cmath>
#include <limits>

namespace vglaw::net {
namespace {

int generated_numbers(const LawConfig& config, int vision_dim) {
    if (config.kind == "scale") return vision_dim;
    if (config.kind == "mixture") return config.kernels;
    if (config.kind == "full") return 3 * vision_dim * vision_dim;
    return config.rank * config.rank;
}

}  // namespace

void Reduction::register_in(torch::nn::Module& owner, int hidden, const LawConfig& config) {
    const int reduced = hidden / config.reduction;  // d_h = d_l / r
    reduce = owner.register_module("reduce", torch::nn::Linear(hidden, reduced));
    if (config.norm)
        norm = owner.register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({reduced}).eps(1e-5)));
}

torch::Tensor Reduction::operator()(const torch::Tensor& h0) {
    auto h1 = reduce(h0);
    if (!norm.is_empty()) h1 = norm(h1.to(norm->weight.scalar_type()));  // under mixed precision it comes as bf16
    return torch::gelu(h1);
}

LanguageConditionImpl::LanguageConditionImpl(int hidden, int vision_dim, const LawConfig& config)
    : kind(config.kind), rank(config.rank), vision_dim(vision_dim) {
    if (kind != "full") reduction.register_in(*this, hidden, config);
    generate = register_module("generate",
                               torch::nn::Linear(hidden / config.reduction, generated_numbers(config, vision_dim)));
    if (kind == "mixture")
        kernels = register_parameter("kernels", torch::empty({config.kernels, 3 * vision_dim, vision_dim}));
}

AdaptedWeights LanguageConditionImpl::forward(const torch::Tensor& h) {
    const auto generated = generate(kind == "full" ? h : reduction(h));
    AdaptedWeights law;
    if (kind == "lowrank") {
        law.phi = generated.view({-1, rank, rank});  // row-major, as model.md section 2 says
    } else if (kind == "scale") {
        law.gain = generated;
    } else if (kind == "mixture") {
        law.mixing = generated.softmax(1, torch::promote_types(generated.scalar_type(), torch::kFloat));
        law.kernels = kernels;
    } else {
        law.delta = generated.view({-1, 3 * vision_dim, vision_dim});
    }
    return law;
}

WeightGeneratorImpl::WeightGeneratorImpl(const ModelConfig& model)
    : config(model.law), depth(model.vision.depth), adapted(model.adapted_blocks()) {
    const int hidden = model.text.hidden, dim = model.vision.dim;
    layer_embedding = register_parameter("layer_embedding", torch::empty({std::int64_t(adapted.size()), hidden}));
    if (config.kind == "lowrank") {
        P = register_parameter("P", torch::empty({3 * dim, config.rank}));
        Q = register_parameter("Q", torch::empty({dim, config.rank}));
    }
    if (config.kind == "full") shared_reduction.register_in(*this, hidden, config);
    const auto list = register_module("blocks", std::make_shared<torch::nn::Module>());
    for (const int i : adapted) {
        blocks.emplace_back(hidden, dim, config);
        list->register_module(std::to_string(i), blocks.back().ptr());
    }
}

WeightGeneratorImpl::Output WeightGeneratorImpl::forward(const torch::Tensor& F_l, const torch::Tensor& token_mask) {
    const auto batch = F_l.size(0), length = F_l.size(1), hidden = F_l.size(2);
    const auto groups = std::int64_t{config.groups}, width = hidden / groups;
    const auto count = layer_embedding.size(0);

    // Aggregation: every block asks every group of channels which words it needs. No projections.
    const auto words = F_l.view({batch, length, groups, width}).permute({0, 2, 1, 3});  // (B, G, L, d_g)
    const auto asks = layer_embedding.view({count, groups, width}).permute({1, 2, 0});  // (G, d_g, adapted)
    auto scores = torch::matmul(words, asks);                                           // (B, G, L, adapted)
    if (config.scale_scores) scores = scores / std::sqrt(double(width));
    scores =
        scores.to(torch::promote_types(scores.scalar_type(), torch::kFloat))
            .masked_fill(token_mask.logical_not().view({batch, 1, length, 1}), std::numeric_limits<float>::lowest());
    const auto alpha = scores.softmax(2).permute({0, 1, 3, 2});  // (B, G, adapted, L)
    const auto h0 =
        torch::matmul(alpha, words).permute({2, 0, 1, 3}).reshape({count, batch, hidden});  // (adapted, B, d_l)

    Output output;
    output.token_attention = alpha.permute({0, 2, 1, 3});  // (B, adapted, G, L)
    output.blocks.resize(std::size_t(depth));
    for (std::size_t a = 0; a < blocks.size(); ++a) {
        const auto heard = h0[std::int64_t(a)];  // (B, d_l)
        auto law = blocks[a](config.kind == "full" ? shared_reduction(heard) : heard);
        law.P = P;
        law.Q = Q;
        output.blocks[std::size_t(adapted[a])] = law;
    }
    return output;
}

}  // namespace vglaw::net
