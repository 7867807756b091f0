#include "vglaw/model/config.h"

#include <gmock/gmock.h>

#include "tests/unit/core/refusal.h"
#include "tests/unit/model/toy_model.h"

namespace vglaw {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string refused(const ModelConfig& config) {
    return refusal(ErrorCode::invalid_argument, [&] { config.validate("a.toml"); });
}

TEST(ModelConfig, DefaultsAreThePublishedModelAndRoundTrip) {
    const ModelConfig config;
    EXPECT_EQ(refused(config), "accepted");
    const auto json = config_to_json(config);
    EXPECT_EQ(config_to_json(config_from_json<ModelConfig>(Json::parse(json.dump()), "x")), json);
    EXPECT_EQ(json, Json::parse(R"({
        "image": {"size": 448, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
        "text": {"vocab_size": 30522, "max_positions": 512, "hidden": 768, "heads": 12, "layers": 6, "ffn": 3072,
                 "max_tokens": 40},
        "vision": {"patch": 16, "dim": 768, "heads": 12, "depth": 12, "mlp_ratio": 4.0, "window": 14,
                   "global_blocks": [2, 5, 8, 11], "position_grid": 14, "drop_path": 0.1},
        "law": {"kind": "lowrank", "groups": 12, "reduction": 16, "rank": 32, "scale_scores": true, "norm": true,
                "kernels": 4, "blocks": []},
        "fusion": {"kind": "none", "blocks": [], "reduction": 4, "factor": 32},
        "box_head": {"pool": "lap", "pool_dim": 64, "hidden": 256},
        "mask_head": {"dim": 256, "threshold": 0.35}})"));
}

TEST(ModelConfig, DerivesGridGlobalBlocksAndWidth) {
    const ModelConfig config;
    EXPECT_EQ(config.vision.grid(config.image), 28);
    EXPECT_TRUE(config.vision.is_global(5));
    EXPECT_FALSE(config.vision.is_global(4));
    EXPECT_EQ(config.vision.mlp_hidden(), 3072);
}

TEST(ModelConfig, NamesBothKeysThatDoNotDivide) {
    EXPECT_EQ(refused(toy_config()), "accepted");
    auto config = toy_config();
    config.image.size = 18;
    EXPECT_THAT(refused(config), AllOf(HasSubstr("a.toml"), HasSubstr("vision.patch = 4 must divide image.size = 18")));
    config = toy_config();
    config.vision.heads = 3;
    EXPECT_THAT(refused(config), HasSubstr("vision.heads = 3 must divide vision.dim = 8"));
    config = toy_config();
    config.text.heads = 5;
    EXPECT_THAT(refused(config), HasSubstr("text.heads = 5 must divide text.hidden = 8"));
    config = toy_config();
    config.law.groups = 3;
    EXPECT_THAT(refused(config), HasSubstr("law.groups = 3 must divide text.hidden = 8"));
    config.law.kind = "none";  // then nobody aggregates
    EXPECT_EQ(refused(config), "accepted");
    config = toy_config();
    config.law.reduction = 3;
    EXPECT_THAT(refused(config), HasSubstr("law.reduction = 3 must divide text.hidden = 8"));
}

TEST(ModelConfig, RefusesWhatReachesBeyondATable) {
    auto config = toy_config();
    config.text.max_tokens = 9;
    EXPECT_THAT(refused(config), HasSubstr("text.max_tokens = 9 is more than text.max_positions = 8"));
    config = toy_config();
    config.vision.global_blocks = {0, 2};
    EXPECT_THAT(refused(config), HasSubstr("names block 2, but vision.depth is 2"));
}

TEST(ModelConfig, SaysWhichBlocksAdaptAndWhichAModuleFollows) {
    ModelConfig config;
    EXPECT_THAT(config.adapted_blocks(), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
    EXPECT_THAT(config.fused_blocks(), IsEmpty());
    config.law.blocks = {7, 2};
    EXPECT_THAT(config.adapted_blocks(), ElementsAre(2, 7));
    config.law.kind = "none";
    config.fusion.kind = "pwam";
    EXPECT_THAT(config.adapted_blocks(), IsEmpty());
    EXPECT_THAT(config.fused_blocks(), ElementsAre(2, 5, 8, 11));
    config.fusion.blocks = {4, 3};
    EXPECT_THAT(config.fused_blocks(), ElementsAre(3, 4));
}

TEST(ModelConfig, RefusesBlocksThatAreNotThereOrTwice) {
    auto config = toy_config();
    config.law.blocks = {2};
    EXPECT_THAT(refused(config), HasSubstr("law.blocks names block 2, but vision.depth is 2"));
    config.law.blocks = {1, 0, 1};
    EXPECT_THAT(refused(config), HasSubstr("law.blocks names block 1 twice"));
    config = toy_config();
    config.fusion.kind = "pwam";
    config.fusion.blocks = {5};
    EXPECT_THAT(refused(config), HasSubstr("fusion.blocks names block 5"));
    config.fusion.blocks = {};
    config.vision.global_blocks = {};
    EXPECT_THAT(refused(config), HasSubstr("neither fusion.blocks nor vision.global_blocks names a block"));
    config.fusion = {.kind = "qd_att", .blocks = {0}, .reduction = 3, .factor = 4};
    EXPECT_THAT(refused(config), HasSubstr("fusion.reduction = 3 must divide vision.dim = 8"));
}

TEST(ModelConfig, RefusesAHypernetworkTooLargeToEmitWholeWeights) {
    auto config = toy_config();
    config.law.kind = "full";
    EXPECT_EQ(refused(config), "accepted");
    config = {};
    config.law.kind = "full";  // base: 12 blocks of 3 * 768 * 768 from 48 + 1 numbers
    EXPECT_THAT(refused(config), AllOf(HasSubstr("law.kind = full would need 1040 M weights"),
                                       HasSubstr("12 blocks' 21.2 M, accepted are 64 M"), HasSubstr("lowrank")));
    config.vision.dim = 192;
    config.vision.depth = 6;
    config.vision.global_blocks = {1, 3, 5};
    EXPECT_EQ(refused(config), "accepted");  // 32 M
}

TEST(ModelConfig, HelpListsEveryKeyOfTheFile) {
    const auto help = config_help<ModelConfig>();
    const auto json = config_to_json(ModelConfig{});
    for (const auto& table : json.items()) {
        for (const auto& key : table.value().items()) {
            EXPECT_THAT(help, HasSubstr("  " + table.key() + "." + key.key() + " "));
        }
    }
}

}  // namespace
}  // namespace vglaw
