#include "vglaw/model/initialize.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "tests/unit/model/toy_model.h"

namespace vglaw {
namespace {

using ::testing::Each;

/// Wide enough for statistics, small enough to be quick.
ModelConfig wide_config() {
    auto config = toy_config();
    config.text.hidden = 64;
    config.text.ffn = 128;
    config.text.layers = 2;
    config.vision.dim = 64;
    config.vision.depth = 3;
    config.vision.position_grid = 8;
    config.law.rank = 8;
    config.box_head.pool_dim = 32;
    config.box_head.hidden = 48;
    config.mask_head.dim = 32;
    return config;
}

double std_of(const std::vector<float>& values) {
    double sum = 0;
    for (const float value : values) sum += double(value) * value;
    return std::sqrt(sum / double(values.size()));
}

double largest(const std::vector<float>& values) {
    double most = 0;
    for (const float value : values) most = std::max(most, std::abs(double(value)));
    return most;
}

/// A normal cut at two standard deviations has 0.8796 of the uncut one's.
constexpr double cut = 0.8796;

/// Standard error of a standard deviation is about std / sqrt(2 n); five of them.
void expect_std(const WeightMap& weights, const std::string& name, double expected) {
    const auto& values = weights.at(name);
    EXPECT_NEAR(std_of(values) / expected, 1, 5 / std::sqrt(2.0 * double(values.size()))) << name;
}

TEST(InitialWeights, AreTheSameForASeedAndOtherForAnother) {
    const auto config = toy_config();
    EXPECT_EQ(initial_weights(config, {"scratch", 0}, 3), initial_weights(config, {"scratch", 0}, 3));
    EXPECT_NE(initial_weights(config, {"scratch", 0}, 3), initial_weights(config, {"scratch", 0}, 4));
}

TEST(InitialWeights, FillEveryTensorOfTheNetwork) {
    const auto config = toy_config();
    const auto weights = initial_weights(config, {}, 1);
    const auto shapes = tensor_shapes(config);
    ASSERT_EQ(weights.size(), shapes.size());
    for (const auto& [name, shape] : shapes) {
        std::size_t count = 1;
        for (const auto side : shape) count *= std::size_t(side);
        EXPECT_EQ(weights.at(name).size(), count) << name;
        EXPECT_TRUE(std::all_of(weights.at(name).begin(), weights.at(name).end(), [](float value) {
            return std::isfinite(value);
        })) << name;
    }
}

TEST(InitialWeights, OfATensorDoNotDependOnTheOthers) {
    auto config = toy_config();
    const auto with = initial_weights(config, {"scratch", 1}, 1);
    config.law.kind = "none";
    config.box_head.pool = "mean";
    const auto without = initial_weights(config, {"scratch", 1}, 1);
    ASSERT_LT(without.size(), with.size());
    for (const auto& [name, values] : without) EXPECT_EQ(values, with.at(name)) << name;
    EXPECT_NE(with.at("visual_encoder.blocks.0.attn.qkv.weight"), with.at("visual_encoder.blocks.1.attn.qkv.weight"));
}

TEST(InitialWeights, StartAtThePlainVit) {
    // model.md section 2: Phi is zero, so training starts where the pre-trained backbone stands.
    for (const char* kind : {"pretrained", "scratch"}) {
        const auto weights = initial_weights(toy_config(), {kind, 0}, 1);
        EXPECT_THAT(weights.at("weight_generator.blocks.1.generate.weight"), Each(0.0F));
        EXPECT_THAT(weights.at("weight_generator.blocks.1.generate.bias"), Each(0.0F));
        EXPECT_GT(largest(weights.at("weight_generator.P")), 0);  // else Phi would never get a gradient
        EXPECT_GT(largest(weights.at("weight_generator.Q")), 0);
    }
}

TEST(InitialWeights, GenerateGainSpreadsPhi) {
    const auto config = wide_config();
    const auto weights = initial_weights(config, {"scratch", 0.5}, 1);
    const double width = 64 / 2.0;  // d_h
    expect_std(weights, "weight_generator.blocks.0.generate.weight", cut * 0.5 / std::sqrt(width * config.law.rank));
}

TEST(InitialWeights, GenerateGainSpreadsWhatEveryKindAdds) {
    auto config = wide_config();
    const double width = 64 / 2.0;  // d_h
    const auto start = [&](double gain) { return initial_weights(config, {"scratch", gain}, 1); };
    config.law.kind = "scale";
    expect_std(start(0.5), "weight_generator.blocks.0.generate.weight", cut * 0.5 / std::sqrt(width));
    EXPECT_EQ(largest(start(0).at("weight_generator.blocks.0.generate.weight")), 0);
    config.law.kind = "full";  // as large as W0, which is 1 / sqrt(C)
    expect_std(start(0.5), "weight_generator.blocks.0.generate.weight", cut * 0.5 / std::sqrt(width * 64));
    EXPECT_EQ(largest(start(0).at("weight_generator.blocks.0.generate.weight")), 0);
    config.law.kind = "mixture";  // the mixing weights differ from the start, the kernels do not
    expect_std(start(0.5), "weight_generator.blocks.0.kernels", cut * 0.5 / std::sqrt(64.0));
    EXPECT_EQ(largest(start(0).at("weight_generator.blocks.0.kernels")), 0);
    expect_std(start(0), "weight_generator.blocks.0.generate.weight", cut / std::sqrt(width));
}

TEST(InitialWeights, GenerateGainSpreadsTheLastFactorOfFusionModules) {
    auto config = wide_config();
    config.fusion = {.kind = "pwam", .blocks = {1}, .reduction = 4, .factor = 16};
    const auto start = [&](double gain) { return initial_weights(config, {"scratch", gain}, 1); };
    expect_std(start(0.5), "fusion.blocks.1.gate.1.weight", cut * 0.5 / std::sqrt(64.0));
    EXPECT_EQ(largest(start(0).at("fusion.blocks.1.gate.1.weight")), 0);
    EXPECT_GT(largest(start(0).at("fusion.blocks.1.gate.0.weight")), 0);
    config.fusion.kind = "qd_att";
    expect_std(start(0.5), "fusion.blocks.1.channel.1.factor", cut * 0.5 / std::sqrt(16.0));
    expect_std(start(0), "fusion.blocks.1.channel.0.factor", cut / std::sqrt(16.0));
    for (const char* last : {"fusion.blocks.1.channel.1.factor", "fusion.blocks.1.spatial.factor"}) {
        EXPECT_EQ(largest(start(0).at(last)), 0) << last;
    }
}

TEST(InitialWeights, NormsAreOneAndBiasesZero) {
    for (const char* kind : {"pretrained", "scratch"}) {
        const auto weights = initial_weights(toy_config(), {kind, 1}, 1);
        for (const auto& [name, values] : weights) {
            const bool norm = name.find("norm") != std::string::npos || name.find("LayerNorm") != std::string::npos;
            if (name.ends_with(".bias") || name.find("rel_pos") != std::string::npos) {
                EXPECT_THAT(values, Each(0.0F)) << name;
            }
            if (norm && name.ends_with(".weight")) {
                EXPECT_THAT(values, Each(1.0F)) << name;
            }
        }
    }
}

TEST(InitialWeights, PretrainedFollowsBertVitAndPyTorch) {
    const auto weights = initial_weights(wide_config(), {"pretrained", 0}, 1);
    for (const char* name :
         {"text_encoder.embeddings.word_embeddings.weight", "text_encoder.encoder.layer.1.output.dense.weight",
          "visual_encoder.pos_embed", "visual_encoder.patch_embed.proj.weight",
          "visual_encoder.blocks.2.mlp.fc2.weight", "weight_generator.layer_embedding"}) {
        expect_std(weights, name, cut * 0.02);
        EXPECT_LE(largest(weights.at(name)), 0.04 * (1 + 1e-6)) << name;
    }
    // Kaiming-uniform(a = sqrt 5) is uniform within 1 / sqrt(fan-in); its std is bound / sqrt 3. PyTorch counts a
    // transposed convolution's fan-in over its outputs: shape[1] * 2 * 2.
    const auto bound = [&](const char* name, double fan) {
        expect_std(weights, name, 1 / std::sqrt(3 * fan));
        EXPECT_LE(largest(weights.at(name)), 1 / std::sqrt(fan) * (1 + 1e-6)) << name;
        EXPECT_GT(largest(weights.at(name)), 0.97 / std::sqrt(fan)) << name;
    };
    bound("weight_generator.P", 8);
    bound("weight_generator.Q", 8);
    bound("box_head.mlp.0.weight", 64);
    bound("mask_head.up1.weight", 32 * 4);
}

TEST(InitialWeights, ScratchScalesByFanInAndDepth) {
    const auto config = wide_config();
    const auto weights = initial_weights(config, {"scratch", 0}, 1);
    expect_std(weights, "text_encoder.encoder.layer.0.intermediate.dense.weight", cut / std::sqrt(64.0));
    expect_std(weights, "text_encoder.encoder.layer.0.output.dense.weight", cut / std::sqrt(128.0));
    expect_std(weights, "visual_encoder.patch_embed.proj.weight", cut / std::sqrt(48.0));
    expect_std(weights, "visual_encoder.blocks.0.attn.qkv.weight", cut / std::sqrt(64.0));
    expect_std(weights, "visual_encoder.blocks.0.attn.proj.weight", cut / std::sqrt(64.0 * 2 * 3));
    expect_std(weights, "mask_head.up1.weight", cut / std::sqrt(64.0));  // each output pixel sees C inputs once
    expect_std(weights, "weight_generator.layer_embedding", cut * 0.4);
}

TEST(InitialWeights, ScratchPositionsTellEveryCellApart) {
    const auto config = wide_config();
    const auto positions = initial_weights(config, {"scratch", 0}, 1).at("visual_encoder.pos_embed");
    const int cells = config.vision.position_grid * config.vision.position_grid, dim = config.vision.dim;
    EXPECT_LE(largest(positions), 1.0);
    double nearest = 1e9;
    for (int a = 0; a < cells; ++a) {
        for (int b = 0; b < a; ++b) {
            double distance = 0;
            for (int c = 0; c < dim; ++c) {
                const double d = positions[std::size_t(a * dim + c)] - positions[std::size_t(b * dim + c)];
                distance += d * d;
            }
            nearest = std::min(nearest, std::sqrt(distance));
        }
    }
    EXPECT_GT(nearest, 0.5);
}

}  // namespace
}  // namespace vglaw
