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
    made.generator = WeightGenerator(config.text, config.vision, config.law);
    made.generator->to(torch::kDouble);
    randomize(*made.generator, 1);
    torch::manual_seed(3);
    made.F_l = torch::randn({2, 6, config.text.hidden}, torch::kDouble);
    made.mask = torch::arange(6).unsqueeze(0) < torch::tensor({{6}, {4}});
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
                    auto h0 = torch::zeros({config.text.hidden}, torch::kDouble);
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
                    auto h1 = torch::mv(block.reduce->weight, h0) + block.reduce->bias;
                    if (norm) {
                        const auto centred = h1 - h1.mean();
                        h1 = centred / (centred.square().mean() + 1e-5).sqrt() * block.norm->weight + block.norm->bias;
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
    EXPECT_LT(apart(output.token_attention.sum(3), torch::ones({2, 2, 2}, torch::kDouble)), 1e-12);
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

}  // namespace
}  // namespace vglaw::net
