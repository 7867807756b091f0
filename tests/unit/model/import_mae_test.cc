#include "vglaw/model/import_mae.h"

#include <gmock/gmock.h>

#include "tests/unit/model/golden_weights.h"

namespace vglaw {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

TEST(ImportMae, TakesTheEncoderWithoutRelativePositions) {
    const auto config = import_config();
    const auto part = import_mae(golden_weights("mae.pth"), config);
    EXPECT_EQ(part.weights.size(), tensors_of(config, "visual_encoder.") - 2 * 3);
    EXPECT_FALSE(part.weights.contains("visual_encoder.blocks.0.attn.rel_pos_h"));
    EXPECT_THAT(part.ignored, UnorderedElementsAre("cls_token", "norm.weight", "norm.bias", "mask_token",
                                                   "decoder_blocks.0.attn.qkv.weight"));
    EXPECT_EQ(part.license, "CC-BY-NC-4.0");
    EXPECT_THAT(part.notes, Contains(HasSubstr("not for commercial use")));
}

TEST(ImportMae, BringsThePositionGridToTheNetworks) {
    auto config = import_config();
    config.vision.position_grid = 7;
    const auto part = import_mae(golden_weights("mae.pth"), config);
    EXPECT_EQ(part.changes.at("visual_encoder.pos_embed"), "position grid resized from 5 x 5 to 7 x 7");
    EXPECT_EQ(part.weights.at("visual_encoder.pos_embed").size(), 7u * 7u * 16u);
}

}  // namespace
}  // namespace vglaw
