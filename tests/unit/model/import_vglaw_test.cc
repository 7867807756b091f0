#include "vglaw/model/import_vglaw.h"

#include <gmock/gmock.h>

#include "tests/unit/core/refusal.h"
#include "tests/unit/model/toy_model.h"

namespace vglaw {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

class ImportVglaw : public testing::Test {
protected:
    ImportVglaw() : path(std::filesystem::path(testing::TempDir()) / "import_vglaw_test.safetensors") {
        weights = initial_weights(config, {"scratch", 1.0}, 3);
        write_bundle(path, config, Vocabulary(toy_pieces), views_of(config, weights), "CC0", "by hand");
    }
    ~ImportVglaw() override { std::filesystem::remove(path); }

    std::filesystem::path path;
    ModelConfig config = toy_config();
    WeightMap weights;
};

TEST_F(ImportVglaw, IsTheModelItselfWhenNothingDiffers) {
    const auto part = import_vglaw(path, config, RelativePositions::crop);
    EXPECT_EQ(part.weights, weights);
    EXPECT_THAT(part.ignored, IsEmpty());
    EXPECT_THAT(part.changes, IsEmpty());
    EXPECT_EQ(part.license, "CC0");
    EXPECT_EQ(part.vocabulary.value().join(), Vocabulary(toy_pieces).join());
    EXPECT_TRUE(part.yields);
}

TEST_F(ImportVglaw, ServesALargerCanvasAndAnAblation) {
    config.image.size = 24;
    config.law.kind = "none";
    const auto part = import_vglaw(path, config, RelativePositions::interpolate);
    EXPECT_EQ(part.changes.at("visual_encoder.blocks.1.attn.rel_pos_h"),
              "relative positions interpolated from 7 to 11 rows");
    EXPECT_THAT(part.ignored, Contains("weight_generator.P"));
    EXPECT_EQ(part.weights.size(), tensor_shapes(config).size());
}

TEST_F(ImportVglaw, LeavesAWeightGeneratorOfAnotherKindOrOfOtherBlocks) {
    for (const bool kind : {true, false}) {
        config = toy_config();
        if (kind) {
            config.law.kind = "scale";
        } else {
            config.law.blocks = {1};
        }
        const auto part = import_vglaw(path, config, RelativePositions::crop);
        EXPECT_THAT(part.ignored, Contains("weight_generator.layer_embedding"));
        for (const auto& [name, values] : part.weights) EXPECT_FALSE(name.starts_with("weight_generator.")) << name;
        EXPECT_TRUE(part.weights.contains("visual_encoder.blocks.1.attn.qkv.weight"));
    }
}

TEST_F(ImportVglaw, RefusesAnotherShapeOrOtherHeads) {
    config.mask_head.dim = 6;
    EXPECT_THAT(refusal(ErrorCode::corrupt_data, [&] { (void)import_vglaw(path, config, RelativePositions::crop); }),
                AllOf(HasSubstr("'mask_head."), HasSubstr("has shape"), HasSubstr("the config's")));
    config = toy_config();
    config.text.heads = 4;
    EXPECT_THAT(refusal(ErrorCode::corrupt_data, [&] { (void)import_vglaw(path, config, RelativePositions::crop); }),
                HasSubstr("attention heads"));
}

}  // namespace
}  // namespace vglaw
