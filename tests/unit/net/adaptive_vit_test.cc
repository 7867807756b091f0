#include "vglaw/net/adaptive_vit.h"

#include <gtest/gtest.h>

#include "tests/unit/model/golden_weights.h"
#include "tests/unit/net/tiny_network.h"
#include "vglaw/model/import_vit.h"
#include "vglaw/model/start_model.h"
#include "vglaw/net/weights.h"

namespace vglaw::net {
namespace {

AdaptedWeights random_law(std::int64_t batch, std::int64_t dim, std::int64_t rank) {
    return {torch::randn({batch, rank, rank}, placed(torch::kDouble)),
            torch::randn({3 * dim, rank}, placed(torch::kDouble)), torch::randn({dim, rank}, placed(torch::kDouble))};
}

TEST(AdaptedQkv, EqualsTheProductWithTheBuiltWeights) {
    torch::manual_seed(1);
    const auto x = torch::randn({3, 7, 12}, placed(torch::kDouble)),
               W0 = torch::randn({36, 12}, placed(torch::kDouble)), bias = torch::randn({36}, placed(torch::kDouble));
    const auto law = random_law(3, 12, 5);
    const auto adapted = adapted_qkv(x, W0, bias, law);
    // Double precision: values of some tens, sums of a hundred terms.
    EXPECT_LT(apart(adapted, materialized_qkv(x, W0, bias, law)), 1e-12);
    // And both are W x + b, sample by sample.
    for (int b = 0; b < 3; ++b) {
        const auto W = W0 + law.P.mm(law.phi[b]).mm(law.Q.t());
        EXPECT_LT(apart(adapted[b], x[b].mm(W.t()) + bias), 1e-12);
    }
    EXPECT_GT(apart(adapted, adapted_qkv(x, W0, bias, {})), 1.0);
}

TEST(AdaptedQkv, WithPhiZeroIsThePlainProjection) {
    torch::manual_seed(1);
    const auto x = torch::randn({2, 7, 12}, placed()), W0 = torch::randn({36, 12}, placed()),
               bias = torch::randn({36}, placed());
    const AdaptedWeights law{torch::zeros({2, 5, 5}, placed()), torch::randn({36, 5}, placed()),
                             torch::randn({12, 5}, placed())};
    EXPECT_EQ(apart(adapted_qkv(x, W0, bias, law), torch::linear(x, W0, bias)), 0);
}

TEST(AdaptedQkv, OfTheOtherKindsEqualsTheirFormulas) {
    torch::manual_seed(1);
    const auto number = placed(torch::kDouble);
    const auto x = torch::randn({3, 7, 12}, number), W0 = torch::randn({36, 12}, number),
               bias = torch::randn({36}, number);
    AdaptedWeights scale, mixture, full;
    scale.gain = torch::randn({3, 12}, number);
    mixture.mixing = torch::randn({3, 4}, number).softmax(1);
    mixture.kernels = torch::randn({4, 36, 12}, number);
    full.delta = torch::randn({3, 36, 12}, number);
    for (int b = 0; b < 3; ++b) {
        auto mixed = torch::zeros({36, 12}, number);
        for (int k = 0; k < 4; ++k) mixed += mixture.mixing[b][k] * (W0 + mixture.kernels[k]);
        const auto expect = [&](const AdaptedWeights& law, const torch::Tensor& W, const char* kind) {
            // Double precision: values of some tens, sums of a dozen terms.
            EXPECT_LT(apart(adapted_qkv(x, W0, bias, law)[b], x[b].mm(W.t()) + bias), 1e-12) << kind;
            EXPECT_LT(apart(materialized_qkv(x, W0, bias, law)[b], x[b].mm(W.t()) + bias), 1e-12) << kind;
        };
        expect(scale, W0.mm(torch::diag(1 + scale.gain[b])), "scale");
        expect(mixture, mixed, "mixture");
        expect(full, W0 + full.delta[b], "full");
    }
}

TEST(ResizePositions, EqualsPyTorchsBicubic) {
    const auto golden = Safetensors::open(VGLAW_SOURCE_DIR "/tests/golden/net/positions.safetensors");
    const auto grid = to_tensor(golden.at("grid")).to(test_device());
    const std::vector<std::pair<int, int>> sizes{{28, 28}, {7, 7}, {10, 17}, {1, 1}, {14, 20}};
    ASSERT_EQ(golden.tensors().size(), sizes.size() + 1);
    for (const auto& [rows, columns] : sizes) {
        const auto expected = to_tensor(golden.at(fmt::format("{}x{}", rows, columns)));
        // float32 sums of 16 products of numbers around 1
        EXPECT_LT(apart(resize_positions(grid, 14, rows, columns), expected), 2e-6) << rows << " x " << columns;
    }
    EXPECT_EQ(apart(resize_positions(grid, 14, 14, 14), grid.view({1, 14, 14, 2})), 0);
}

double number(const torch::Tensor& tensor, std::initializer_list<std::int64_t> where) {
    auto t = tensor;
    for (const auto i : where) t = t[i];
    return t.item<double>();
}

/// Window attention as the formulas say, one number at a time. x: (h, w, C), one sample; qkv projects a token.
torch::Tensor plain_attention(AdaptiveAttentionImpl& attention, const torch::Tensor& x, const torch::Tensor& W) {
    const auto h = x.size(0), w = x.size(1), dim = x.size(2), head = dim / attention.heads;
    const std::int64_t n = attention.side;
    auto out = torch::zeros_like(x);
    const auto token = [&](std::int64_t row, std::int64_t column) {
        // Outside the picture stands a zero vector: its projection is the bias alone, and it is a key all the same.
        const auto inside = row < h && column < w;
        return inside ? torch::mv(W, x[row][column]) + attention.qkv->bias : attention.qkv->bias.detach();
    };
    for (std::int64_t row = 0; row < h; ++row) {
        for (std::int64_t column = 0; column < w; ++column) {
            const auto top = row / n * n, left = column / n * n;
            const auto query = token(row, column);
            auto gathered = torch::zeros({dim}, placed(torch::kDouble));
            for (int g = 0; g < attention.heads; ++g) {
                const auto q = query.slice(0, g * head, (g + 1) * head);
                double sum = 0;
                auto value = torch::zeros({head}, placed(torch::kDouble));
                for (std::int64_t y = top; y < top + n; ++y) {
                    for (std::int64_t z = left; z < left + n; ++z) {
                        const auto other = token(y, z);
                        const auto k = other.slice(0, dim + g * head, dim + (g + 1) * head);
                        const auto v = other.slice(0, 2 * dim + g * head, 2 * dim + (g + 1) * head);
                        const auto R_h = attention.rel_pos_h[row - y + n - 1],
                                   R_w = attention.rel_pos_w[column - z + n - 1];
                        const double score = (q * k).sum().item<double>() / std::sqrt(double(head)) +
                                             (q * R_h).sum().item<double>() + (q * R_w).sum().item<double>();
                        sum += std::exp(score);
                        value += std::exp(score) * v;
                    }
                }
                gathered.slice(0, g * head, (g + 1) * head) = value / sum;
            }
            out[row][column] = torch::mv(attention.proj->weight, gathered) + attention.proj->bias;
        }
    }
    return out;
}

torch::Tensor layer_norm(const torch::Tensor& x, const torch::nn::LayerNorm& norm) {
    const auto centred = x - x.mean(-1, true);
    return centred / (centred.square().mean(-1, true) + 1e-6).sqrt() * norm->weight + norm->bias;
}

TEST(AdaptiveBlock, EqualsPlainLoopsWithPaddedWindowsAndGlobally) {
    torch::NoGradGuard no_grad;
    VisionConfig config;
    config.dim = 6;
    config.heads = 2;
    config.depth = 2;
    config.mlp_ratio = 2;
    config.window = 3;
    config.global_blocks = {1};
    for (const int index : {0, 1}) {
        AdaptiveBlock block(config, index, 4);
        block->to(test_device(), torch::kDouble);
        block->eval();
        randomize(*block, 7);
        ASSERT_EQ(block->window, index == 0 ? 3 : 4);  // a 4 x 4 grid: windows of 3 are padded to 6 x 6
        const auto x = torch::randn({2, 4, 4, 6}, placed(torch::kDouble));
        const auto law = random_law(2, 6, 3);
        const auto out = block(x, law);
        for (int b = 0; b < 2; ++b) {
            const auto W = block->attn->qkv->weight + law.P.mm(law.phi[b]).mm(law.Q.t());
            const auto y = x[b] + plain_attention(*block->attn, layer_norm(x[b], block->norm1), W);
            auto hidden = torch::linear(layer_norm(y, block->norm2), block->fc1->weight, block->fc1->bias);
            hidden = hidden * 0.5 * (1 + torch::erf(hidden / std::sqrt(2.0)));
            const auto expected = y + torch::linear(hidden, block->fc2->weight, block->fc2->bias);
            // Double precision; exp of scores of a few tens loses a few digits.
            EXPECT_LT(apart(out[b], expected), 1e-11) << "block " << index;
        }
    }
}

TEST(AdaptiveAttention, RelativePositionsDistinguishAboveFromBelow) {
    torch::NoGradGuard no_grad;
    AdaptiveAttention attention(4, 1, 2);
    attention->to(test_device(), torch::kDouble);
    for (auto& parameter : attention->parameters()) parameter.zero_();
    // Every q is (1, 0, 0, 0), every k is 0, v carries its token; proj is the identity.
    attention->qkv->bias[0] = 1;
    attention->qkv->weight.slice(0, 8, 12).copy_(torch::eye(4));
    attention->proj->weight.copy_(torch::eye(4));
    attention->rel_pos_h[0][0] = 50;  // index 0 is q - k = -1: the row below
    const auto x = torch::arange(16, placed(torch::kDouble)).view({1, 1, 2, 2, 4});
    const auto out = attention(x, AdaptedWeights{});
    // The upper tokens look at the lower row only, each of its two tokens equally; exp(-50) is nothing.
    EXPECT_NEAR(number(out, {0, 0, 0, 0, 0}), (8 + 12) / 2.0, 1e-12);
    EXPECT_NEAR(number(out, {0, 0, 1, 0, 0}), (0 + 4 + 8 + 12) / 4.0, 1e-12);  // nothing below: everywhere equally
}

TEST(Attend, LibTorchsOwnAttentionIsTheOneWrittenOut) {
    if (!has_fused_attention) GTEST_SKIP() << "LibTorch " << TORCH_VERSION_MAJOR << "." << TORCH_VERSION_MINOR;
    torch::manual_seed(2);
    constexpr std::int64_t heads = 3, n = 4, d = 8, groups = 2 * heads;
    std::vector<torch::Tensor> in;
    for (int i = 0; i < 3; ++i) in.push_back(torch::randn({groups, n * n, d}, placed(torch::kDouble)));
    for (int i = 0; i < 2; ++i) in.push_back(torch::randn({groups, n, n, n}, placed(torch::kDouble)));
    for (auto& tensor : in) tensor.requires_grad_();
    const auto weights = torch::randn({2, heads, n * n, d}, placed(torch::kDouble));
    const auto run = [&](bool fused) {
        const auto out = attend(in[0], in[1], in[2], in[3], in[4], heads, fused);
        auto all = torch::autograd::grad({(out * weights).sum()}, in);
        all.push_back(out.detach());
        return all;
    };
    const auto written_out = run(false), fused = run(true);
    // Double precision, sums of 16 terms.
    for (std::size_t i = 0; i < fused.size(); ++i) EXPECT_LT(apart(fused[i], written_out[i]), 1e-12) << i;
}

TEST(PatchProjection, EqualsTheConvolution) {
    PatchProjection projection(5, 4);
    projection->to(test_device(), torch::kDouble);
    randomize(*projection, 3);
    const auto images = torch::randn({2, 3, 12, 12}, placed(torch::kDouble));
    const auto expected = torch::conv2d(images, projection->weight, projection->bias, 4).permute({0, 2, 3, 1});
    EXPECT_LT(apart(projection(images), expected), 1e-12);
}

/// A block whose branches add exactly 1 (attention's) and 10 (the MLP's) to every channel.
AdaptiveBlock counting_block(double rate) {
    VisionConfig config;
    config.dim = 4;
    config.heads = 1;
    config.depth = 2;
    config.mlp_ratio = 1;
    config.global_blocks = {};
    config.window = 2;
    config.drop_path = rate;
    AdaptiveBlock block(config, 1, 2);
    block->to(test_device());
    torch::NoGradGuard no_grad;
    for (auto& parameter : block->parameters()) parameter.zero_();
    block->attn->proj->bias.fill_(1);
    block->fc2->bias.fill_(10);
    return block;
}

TEST(DropPath, IsTheIdentityInEvaluation) {
    auto block = counting_block(0.5);
    block->eval();
    const auto out = block(torch::zeros({64, 2, 2, 4}, placed()), AdaptedWeights{});
    EXPECT_EQ(apart(out, torch::full({64, 2, 2, 4}, 11)), 0);
}

TEST(DropPath, DropsWholeBranchesOfSamplesAndKeepsTheExpectation) {
    torch::manual_seed(1);
    auto block = counting_block(0.25);
    block->train();
    constexpr int n = 4000;
    const auto out = block(torch::zeros({n, 2, 2, 4}, placed()), AdaptedWeights{}).flatten(1).detach();
    // Whole samples: every number of a sample is the same.
    EXPECT_EQ(apart(out.amax(1), out.amin(1)), 0);
    int attention_kept = 0, mlp_kept = 0, both = 0;
    for (int i = 0; i < n; ++i) {
        const double value = number(out, {i, 0}) * 0.75;  // kept branches are scaled by 1 / (1 - rate)
        const bool mlp = value > 5, attention = value - (mlp ? 10 : 0) > 0.5;
        EXPECT_NEAR(value, (mlp ? 10 : 0) + (attention ? 1 : 0), 1e-5);
        attention_kept += attention;
        mlp_kept += mlp;
        both += mlp && attention;
    }
    // Five standard deviations of a binomial: 5 sqrt(n p (1 - p)) is 137 for p = 0.75, 157 for both at once, 0.5625.
    EXPECT_NEAR(attention_kept, 0.75 * n, 137);
    EXPECT_NEAR(mlp_kept, 0.75 * n, 137);
    EXPECT_NEAR(both, 0.5625 * n, 157);  // the two branches are dropped independently
}

TEST(DropPath, TakesGivenDrawsSampleBySample) {
    auto block = counting_block(0.25);
    block->train();
    block->drop_draws = torch::tensor({0.1F, 0.1F, 0.9F, 0.9F, 0.1F, 0.9F, 0.1F, 0.9F}).view({2, 4}).to(test_device());
    const auto out = block(torch::zeros({4, 2, 2, 4}, placed()), AdaptedWeights{}).flatten(1).detach();
    const double expected[] = {0, 10, 1, 11};  // below the rate drops; attention adds 1, the MLP 10
    for (int i = 0; i < 4; ++i) EXPECT_NEAR(number(out, {i, 0}) * 0.75, expected[i], 1e-5);
}

TEST(DropPath, GivenDrawsGoToTheBlocksThatDrop) {
    auto config = tiny_config();
    config.vision.depth = 3;
    config.vision.drop_path = 0.2;
    AdaptiveVit encoder(config);
    ASSERT_EQ(encoder->dropping_blocks(), 2);
    const auto draws = torch::arange(4 * 5).view({4, 5}).to(torch::kFloat);
    encoder->set_drop_draws(draws);
    EXPECT_FALSE(encoder->blocks[0]->drop_draws.defined());
    EXPECT_TRUE(torch::equal(encoder->blocks[1]->drop_draws, draws.slice(0, 0, 2)));
    EXPECT_TRUE(torch::equal(encoder->blocks[2]->drop_draws, draws.slice(0, 2, 4)));
    encoder->set_drop_draws({});
    EXPECT_FALSE(encoder->blocks[2]->drop_draws.defined());
}

TEST(DropPath, GrowsLinearlyOverTheDepth) {
    VisionConfig config;
    config.dim = 4;
    config.heads = 1;
    config.depth = 5;
    config.global_blocks = {};
    config.drop_path = 0.1;
    const double expected[] = {0, 0.025, 0.05, 0.075, 0.1};
    for (int i = 0; i < 5; ++i) EXPECT_NEAR(AdaptiveBlock(config, i, 4)->drop_path, expected[i], 1e-15);
    config.depth = 1;
    EXPECT_EQ(AdaptiveBlock(config, 0, 4)->drop_path, 0);
}

TEST(AdaptiveVit, WithImportedWeightsComputesWhatTheirNetworksDo) {
    const auto golden = Safetensors::open(VGLAW_SOURCE_DIR "/tests/golden/net/vit.safetensors");
    const auto config = import_config();
    struct Case {
        const char *file, *expected;
        RelativePositions how;
    };
    const Case cases[] = {{golden_vitdet, "vitdet_crop", RelativePositions::crop},
                          {golden_vitdet, "vitdet_interpolate", RelativePositions::interpolate},
                          {"mae.pth", "mae", RelativePositions::crop},
                          {"timm.safetensors", "mae", RelativePositions::crop},
                          {"sam.pth", "sam", RelativePositions::crop}};
    std::map<std::string, torch::Tensor> features;
    for (const auto& [file, expected, how] : cases) {
        std::vector<ImportedPart> parts{import_vision("vision", golden_weights(file), config, how)};
        AdaptiveVit vit(config);
        vit->to(test_device());
        vit->eval();
        fill(*vit, assemble_start(config, {}, 1, parts).weights, "visual_encoder.");
        torch::NoGradGuard no_grad;
        features[expected] = vit(to_tensor(golden.at("images")).to(test_device()), std::vector<AdaptedWeights>{});
        // float32, numbers of some tens after three blocks of random weights; padded windows and fitted tables included
        EXPECT_LT(apart(features[expected], to_tensor(golden.at(expected))), 1e-4) << file << " " << expected;
    }
    // The two ways to fit a table are not one.
    EXPECT_GT(apart(features["vitdet_crop"], features["vitdet_interpolate"]), 1e-2);
}

}  // namespace
}  // namespace vglaw::net
