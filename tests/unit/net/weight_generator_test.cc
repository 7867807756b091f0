#include "vglaw/net/weight_generator.h"

#include <gtest/gtest.h>

#include "tests/unit/net/tiny_network.h"

namespace vglaw::net {
namespace {

struct Made {
    WeightGenerator generator{nullptr};
    torch::Tensor F_l, mask;
};

Made make(ModelConfig config = tiny_config()) {
    Made made;
    made.generator = WeightGenerator(config);
    made.generator->to(test_device(), torch::kDouble);
    randomize(*made.generator, 1);
    torch::manual_seed(3);
    made.F_l = torch::randn({2, 6, config.text.hidden}, placed(torch::kDouble));
    made.mask = (torch::arange(6).unsqueeze(0) < torch::tensor({{6}, {4}})).to(test_device());
    return made;
}

TEST(WeightGenerator, FollowsTheEquationsInPlainLoops) {
    for (const bool scaled : {true, false}) {
        for (const bool norm : {true, false}) {
            auto config = tiny_config();
            config.law.scale_scores = scaled;
            config.law.norm = norm;
            auto made = make(config);
            torch::NoGradGuard no_grad;
            const auto output = made.generator(made.F_l, made.mask);
            const int width = config.text.hidden / config.law.groups;
            for (int b = 0; b < 2; ++b) {
                const int words = b == 0 ? 6 : 4;
                for (int i = 0; i < config.vision.depth; ++i) {
                    auto h0 = torch::zeros({config.text.hidden}, placed(torch::kDouble));
                    for (int g = 0; g < config.law.groups; ++g) {
                        const auto e = made.generator->layer_embedding[i].slice(0, g * width, (g + 1) * width);
                        std::vector<double> weight;
                        double sum = 0;
                        for (int j = 0; j < words; ++j) {
                            const auto F = made.F_l[b][j].slice(0, g * width, (g + 1) * width);
                            weight.push_back(std::exp((e * F).sum().item<double>() / (scaled ? std::sqrt(width) : 1)));
                            sum += weight.back();
                        }
                        for (int j = 0; j < words; ++j) {
                            const double alpha = weight[std::size_t(j)] / sum;
                            // Double precision, sums of at most eight terms: a few units of 1e-16.
                            EXPECT_NEAR(output.token_attention[b][i][g][j].item<double>(), alpha, 1e-13);
                            h0.slice(0, g * width, (g + 1) * width) +=
                                alpha * made.F_l[b][j].slice(0, g * width, (g + 1) * width);
                        }
                    }
                    auto& block = *made.generator->blocks[std::size_t(i)];
                    auto h1 = torch::mv(block.reduction.reduce->weight, h0) + block.reduction.reduce->bias;
                    if (norm) {
                        const auto centred = h1 - h1.mean();
                        h1 = centred / (centred.square().mean() + 1e-5).sqrt() * block.reduction.norm->weight +
                             block.reduction.norm->bias;
                    }
                    h1 = h1 * 0.5 * (1 + torch::erf(h1 / std::sqrt(2.0)));
                    const auto phi = torch::mv(block.generate->weight, h1) + block.generate->bias;
                    const int rank = config.law.rank;
                    for (int r = 0; r < rank; ++r) {  // row-major
                        for (int c = 0; c < rank; ++c) {
                            EXPECT_NEAR(output.blocks[std::size_t(i)].phi[b][r][c].item<double>(),
                                        phi[r * rank + c].item<double>(), 1e-12);
                        }
                    }
                }
            }
        }
    }
}

TEST(WeightGenerator, HearsNoPadding) {
    auto made = make();
    const auto output = made.generator(made.F_l, made.mask);
    EXPECT_EQ(output.token_attention[1].slice(2, 4).abs().max().item<double>(), 0);
    EXPECT_LT(apart(output.token_attention.sum(3), torch::ones({2, 2, 2}, placed(torch::kDouble))), 1e-12);
    auto other = made.F_l.clone();
    other[1].slice(0, 4) += 100;
    const auto again = made.generator(other, made.mask);
    EXPECT_EQ(apart(output.blocks[0].phi, again.blocks[0].phi), 0);
}

TEST(WeightGenerator, SharesPAndQBetweenBlocks) {
    auto made = make();
    const auto output = made.generator(made.F_l, made.mask);
    ASSERT_EQ(output.blocks.size(), 2u);
    EXPECT_TRUE(output.blocks[0].P.is_same(output.blocks[1].P));
    EXPECT_TRUE(output.blocks[0].Q.is_same(output.blocks[1].Q));
    EXPECT_GT(apart(output.blocks[0].phi, output.blocks[1].phi), 1e-3);  // but not phi
}

/// h1 of the first sample in plain formulas.
torch::Tensor plain_h1(const Reduction& reduction, const torch::Tensor& h0) {
    auto h1 = torch::mv(reduction.reduce->weight, h0) + reduction.reduce->bias;
    const auto centred = h1 - h1.mean();
    h1 = centred / (centred.square().mean() + 1e-5).sqrt() * reduction.norm->weight + reduction.norm->bias;
    return h1 * 0.5 * (1 + torch::erf(h1 / std::sqrt(2.0)));
}

/// What block `row` of the generator hears of the first sample, from the attention it reports.
torch::Tensor heard(const Made& made, const WeightGeneratorImpl::Output& output, int row, std::int64_t groups) {
    const auto words = made.F_l[0].view({6, groups, -1});  // (L, G, d_g)
    return torch::einsum("gl,lgd->gd", {output.token_attention[0][row], words}).flatten();
}

TEST(WeightGenerator, MakesWhatEachKindChanges) {
    for (const char* kind : {"scale", "mixture", "full"}) {
        auto config = tiny_config();
        config.law.kind = kind;
        config.law.kernels = 3;
        auto made = make(config);
        torch::NoGradGuard no_grad;
        const auto output = made.generator(made.F_l, made.mask);
        ASSERT_EQ(output.blocks.size(), 2u);
        for (int i = 0; i < 2; ++i) {
            auto& block = *made.generator->blocks[std::size_t(i)];
            const auto& law = output.blocks[std::size_t(i)];
            auto& reduction = law.delta.defined() ? made.generator->shared_reduction : block.reduction;
            const auto h1 = plain_h1(reduction, heard(made, output, i, config.law.groups));
            const auto generated = torch::mv(block.generate->weight, h1) + block.generate->bias;
            // Double precision, sums of at most eight terms: some units of 1e-15.
            if (law.gain.defined()) {
                EXPECT_STREQ(kind, "scale");
                EXPECT_LT(apart(law.gain[0], generated), 1e-12);
            } else if (law.mixing.defined()) {
                EXPECT_STREQ(kind, "mixture");
                EXPECT_LT(apart(law.mixing[0], generated.exp() / generated.exp().sum()), 1e-12);
                EXPECT_TRUE(law.kernels.is_same(block.kernels));
            } else {
                EXPECT_STREQ(kind, "full");
                EXPECT_LT(apart(law.delta[0], generated.view({24, 8})), 1e-12);  // row-major
            }
            EXPECT_TRUE(law.active());
            EXPECT_FALSE(law.phi.defined() || law.P.defined() || law.Q.defined());
        }
    }
}

TEST(WeightGenerator, ServesTheBlocksThatAdaptAndNoOthers) {
    auto config = tiny_config();
    config.vision.depth = 4;
    config.law.blocks = {3, 1};  // in any order
    auto made = make(config);
    const auto output = made.generator(made.F_l, made.mask);
    ASSERT_EQ(output.blocks.size(), 4u);
    EXPECT_FALSE(output.blocks[0].active());
    EXPECT_TRUE(output.blocks[1].active());
    EXPECT_FALSE(output.blocks[2].active());
    EXPECT_TRUE(output.blocks[3].active());
    EXPECT_EQ(output.token_attention.sizes(), (std::vector<std::int64_t>{2, 2, 2, 6}));
    // Row 1 of the attention and of the embeddings is block 3's.
    made.generator->layer_embedding.data()[1] += 1;
    const auto other = made.generator(made.F_l, made.mask);
    EXPECT_EQ(apart(other.blocks[1].phi, output.blocks[1].phi), 0);
    EXPECT_GT(apart(other.blocks[3].phi, output.blocks[3].phi), 1e-6);
    EXPECT_EQ(apart(other.token_attention.select(1, 0), output.token_attention.select(1, 0)), 0);
    EXPECT_GT(apart(other.token_attention.select(1, 1), output.token_attention.select(1, 1)), 1e-6);
}

}  // namespace
}  // namespace vglaw::net
