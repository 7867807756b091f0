#include "vglaw/net/fusion.h"

#include <gtest/gtest.h>

#include "tests/unit/net/tiny_network.h"

namespace vglaw::net {
namespace {

constexpr int C = 6, hidden = 4, side = 3;

struct Inputs {
    torch::Tensor x, F_l, mask;
};

Inputs inputs() {
    torch::manual_seed(5);
    return {torch::randn({2, side, side, C}, placed(torch::kDouble)),
            torch::randn({2, 5, hidden}, placed(torch::kDouble)),
            (torch::arange(5).unsqueeze(0) < torch::tensor({{5}, {3}})).to(test_device())};
}

double at(const torch::Tensor& t, std::int64_t i, std::int64_t j) { return t[i][j].item<double>(); }

torch::Tensor affine(const torch::nn::Linear& layer, const torch::Tensor& x) {
    return torch::mv(layer->weight, x) + layer->bias;
}

/// rows (N, C): each channel to mean 0 and variance 1 over the rows.
torch::Tensor plain_instance_norm(const torch::Tensor& rows) {
    auto out = torch::zeros_like(rows);
    for (std::int64_t c = 0; c < rows.size(1); ++c) {
        double mean = 0, variance = 0;
        for (std::int64_t i = 0; i < rows.size(0); ++i) mean += at(rows, i, c) / double(rows.size(0));
        for (std::int64_t i = 0; i < rows.size(0); ++i)
            variance += (at(rows, i, c) - mean) * (at(rows, i, c) - mean) / double(rows.size(0));
        for (std::int64_t i = 0; i < rows.size(0); ++i)
            out[i][c] = (at(rows, i, c) - mean) / std::sqrt(variance + 1e-5);
    }
    return out;
}

TEST(PixelWordAttention, FollowsTheEquationsInPlainLoops) {
    torch::NoGradGuard no_grad;
    auto module = std::make_shared<PixelWordAttention>(C, hidden);
    module->to(test_device(), torch::kDouble);
    randomize(*module, 3);
    const auto in = inputs();
    const auto out = module->adjust(in.x, in.F_l, in.mask, in.F_l.select(1, 0));
    for (int b = 0; b < 2; ++b) {
        const int words = b == 0 ? 5 : 3;
        const auto V = in.x[b].view({side * side, C});
        auto asks = torch::zeros_like(V), answers = torch::zeros_like(V);
        for (int i = 0; i < side * side; ++i) asks[i] = affine(module->query, V[i]);
        asks = plain_instance_norm(asks);
        for (int i = 0; i < side * side; ++i) {
            auto gathered = torch::zeros({C}, placed(torch::kDouble));
            double sum = 0;
            for (int j = 0; j < words; ++j) {
                const double score = (asks[i] * affine(module->key, in.F_l[b][j])).sum().item<double>();
                const double weight = std::exp(score / std::sqrt(double(C)));
                sum += weight;
                gathered += weight * affine(module->value, in.F_l[b][j]);
            }
            answers[i] = affine(module->out, gathered / sum);
        }
        const auto G = plain_instance_norm(answers);
        for (int i = 0; i < side * side; ++i) {
            const auto F = affine(module->merge, affine(module->vision, V[i]).clamp_min(0) * G[i]).clamp_min(0);
            const auto S = torch::tanh(affine(module->gate1, affine(module->gate0, F).clamp_min(0)));
            // Double precision; sums of six terms, some divisions.
            EXPECT_LT(apart(out[b].view({-1, C})[i], V[i] + S * F), 1e-12) << b << " " << i;
        }
    }
    EXPECT_GT(apart(out, in.x), 1e-3);
}

TEST(PixelWordAttention, HearsNoPadding) {
    auto module = std::make_shared<PixelWordAttention>(C, hidden);
    module->to(test_device(), torch::kDouble);
    randomize(*module, 3);
    const auto in = inputs();
    auto other = in.F_l.clone();
    other[1].slice(0, 3) += 100;
    EXPECT_EQ(apart(module->adjust(in.x, in.F_l, in.mask, in.F_l.select(1, 0)),
                    module->adjust(in.x, other, in.mask, other.select(1, 0))),
              0);
}

/// M (in + 1, out) of one sample, from its query.
torch::Tensor plain_dynamic(const DynamicLinear& layer, const torch::Tensor& z, const torch::Tensor& query) {
    const auto U = affine(layer->generate, query).view({layer->in + 1, layer->factor.size(0)});
    const auto M = U.mm(layer->factor);
    return torch::mv(M.slice(0, 0, layer->in).t(), z) + M[layer->in];
}

TEST(DynamicLinear, IsTheLayerWhoseMatrixTheExpressionMade) {
    torch::NoGradGuard no_grad;
    for (const int out : {2, 7}) {  // fewer and more than the inner width: both orders of the product
        DynamicLinear layer(C, out, hidden, 3);
        layer->to(test_device(), torch::kDouble);
        randomize(*layer, 3);
        torch::manual_seed(1);
        const auto z = torch::randn({2, 4, C}, placed(torch::kDouble)),
                   query = torch::randn({2, hidden}, placed(torch::kDouble));
        const auto got = layer(z, query);
        ASSERT_EQ(got.sizes(), (std::vector<std::int64_t>{2, 4, out}));
        for (int b = 0; b < 2; ++b) {
            for (int i = 0; i < 4; ++i) {
                EXPECT_LT(apart(got[b][i], plain_dynamic(layer, z[b][i], query[b])), 1e-12);  // double, short sums
            }
        }
    }
}

TEST(QueryAwareAttention, FollowsTheEquationsInPlainLoops) {
    torch::NoGradGuard no_grad;
    auto module = std::make_shared<QueryAwareAttention>(C, hidden, FusionConfig{"qd_att", {}, 2, 3});
    module->to(test_device(), torch::kDouble);
    randomize(*module, 3, 0.5);
    const auto in = inputs();
    const auto out = module->adjust(in.x, in.F_l, in.mask, in.F_l.select(1, 0));
    for (int b = 0; b < 2; ++b) {
        const auto q = in.F_l[b][0];
        const auto F = in.x[b].view({side * side, C});
        auto most = F[0].clone(), mean = torch::zeros({C}, placed(torch::kDouble));
        for (int i = 0; i < side * side; ++i) {
            most = torch::max(most, F[i]);
            mean += F[i] / (side * side);
        }
        const auto mlp = [&](const torch::Tensor& z) {
            return plain_dynamic(module->channel1, plain_dynamic(module->channel0, z, q).clamp_min(0), q);
        };
        const auto channels = 2 / (1 + torch::exp(-(mlp(most) + mlp(mean))));
        for (int i = 0; i < side * side; ++i) {
            const auto adjusted = F[i] * channels;
            const double place = 2 / (1 + std::exp(-plain_dynamic(module->spatial, adjusted, q).item<double>()));
            EXPECT_LT(apart(out[b].view({-1, C})[i], adjusted * place), 1e-12) << b << " " << i;
        }
    }
    EXPECT_GT(apart(out, in.x), 1e-3);
}

TEST(Fusion, FollowsItsBlocksOnly) {
    auto config = tiny_config();
    config.fusion.kind = "pwam";
    config.fusion.blocks = {1};
    Fusion fusion(config);
    fusion->to(test_device(), torch::kDouble);
    randomize(*fusion, 3);
    torch::manual_seed(1);
    const auto x = torch::randn({1, 5, 5, 8}, placed(torch::kDouble)),
               F_l = torch::randn({1, 4, 8}, placed(torch::kDouble));
    const auto mask = torch::ones({1, 4}, placed(torch::kBool));
    EXPECT_TRUE(fusion(0, x, F_l, mask, F_l.select(1, 0)).is_same(x));
    EXPECT_GT(apart(fusion(1, x, F_l, mask, F_l.select(1, 0)), x), 1e-3);
}

}  // namespace
}  // namespace vglaw::net
