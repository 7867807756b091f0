#include "vglaw/model/import_vit.h"

#include <gmock/gmock.h>

#include "tests/unit/core/refusal.h"
#include "tests/unit/model/golden_weights.h"

namespace vglaw {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

constexpr auto crop = RelativePositions::crop;

TEST(ImportVision, TellsTheKindsApartByTheirNames) {
    const std::pair<const char*, const char*> files[] = {
        {golden_vitdet, "vitdet"}, {"mae.pth", "mae"}, {"timm.safetensors", "timm"}, {"sam.pth", "sam"}};
    for (const auto& [name, kind] : files) {
        EXPECT_EQ(vit_kind(StateDict::open(golden_weights(name))), kind) << name;
        const auto part = import_vision("vision", golden_weights(name), import_config(), crop);
        EXPECT_EQ(part.weights, import_vision(kind, golden_weights(name), import_config(), crop).weights) << name;
        EXPECT_EQ(part.file, name);
    }
    EXPECT_THAT(
        refusal(ErrorCode::unsupported,
                [] { (void)import_vision("vision", golden_weights("bert/model.safetensors"), import_config(), crop); }),
        AllOf(HasSubstr("no ViT known here"), HasSubstr("text encoder")));
    EXPECT_THAT(refusal(ErrorCode::invalid_argument,
                        [] { (void)import_vision("clip", golden_weights("mae.pth"), import_config(), crop); }),
                HasSubstr("'clip'"));
}

TEST(ImportVision, ADepthBelowTheFilesTakesTheFirstBlocks) {
    auto config = import_config();
    config.vision.depth = 2;
    const auto part = import_vision("mae", golden_weights("mae.pth"), config, crop);
    EXPECT_THAT(part.notes, Contains(HasSubstr("only the first 2 blocks")));
    config.vision.depth = 4;
    EXPECT_THAT(
        refusal(ErrorCode::not_found, [&] { (void)import_vision("mae", golden_weights("mae.pth"), config, crop); }),
        HasSubstr("blocks.3."));
}

TEST(ImportVision, NamesAMisshapenTensorWithBothShapes) {
    auto config = import_config();
    config.vision.patch = 2;
    EXPECT_THAT(refusal(ErrorCode::corrupt_data,
                        [&] { (void)import_vision("vision", golden_weights("mae.pth"), config, crop); }),
                AllOf(HasSubstr("'patch_embed.proj.weight' has shape [16, 3, 4, 4]"), HasSubstr("[16, 3, 2, 2]")));
    config = import_config();
    config.vision.heads = 4;  // the tables' width tells
    EXPECT_THAT(refusal(ErrorCode::corrupt_data,
                        [&] { (void)import_vision("vision", golden_weights(golden_vitdet), config, crop); }),
                AllOf(HasSubstr("rel_pos_h' has shape [5, 8]"), HasSubstr("has [5, 4]")));
}

TEST(ImportVision, ATableThatIsTooShortIsInterpolatedOnRequest) {
    auto config = import_config();
    config.vision.window = 4;
    EXPECT_THAT(refusal(ErrorCode::corrupt_data,
                        [&] { (void)import_vision("vision", golden_weights(golden_vitdet), config, crop); }),
                AllOf(HasSubstr("has 5 relative positions"), HasSubstr("--rel-pos interpolate")));
    const auto part = import_vision("vision", golden_weights(golden_vitdet), config, RelativePositions::interpolate);
    EXPECT_EQ(part.changes.at("visual_encoder.blocks.0.attn.rel_pos_h"),
              "relative positions interpolated from 5 to 7 rows");
}

}  // namespace
}  // namespace vglaw
