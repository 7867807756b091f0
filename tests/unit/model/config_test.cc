#include "vglaw/model/config.h"

#include <gmock/gmock.h>

#include "tests/unit/core/refusal.h"
#include "tests/unit/model/toy_model.h"

namespace vglaw {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

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
        "law": {"kind": "lowrank", "groups": 12, "reduction": 16, "rank": 32, "scale_scores": true, "norm": true},
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
