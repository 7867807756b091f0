#include "vglaw/evaluate/gallery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "toy_set.h"
#include "vglaw/core/error.h"

namespace vglaw {
namespace {

KeptExample kept_example() {
    KeptExample kept;
    kept.record.expression = "a box";
    kept.record.truth_px = {4, 4, 24, 34};
    kept.record.predicted_px = {30, 4, 60, 34};
    kept.record.score.has_mask = true;
    kept.record.score.original = {0.25F, {1, 3}};
    Mask mask(40, 64);
    mask.at(20, 45) = 1;
    kept.mask = encode(mask);
    return kept;
}

TEST(Gallery, NamesExpressionIousAndFrameInTheCaption) {
    KeptExample kept = kept_example();
    EXPECT_EQ(caption(kept.record), "a box | box IoU 0.25, mask IoU 0.33 (original frame)");
    kept.record.score.has_mask = false;
    EXPECT_EQ(caption(kept.record), "a box | box IoU 0.25 (original frame)");
}

TEST(Gallery, DrawsTruthAndPredictionEachWithBoxAndMask) {
    const Example example = toy_example(64, 40, {4, 4, 24, 34}, 1);
    const KeptExample kept = kept_example();
    const std::vector<DrawnGrounding> drawing = to_drawing(example, kept);
    ASSERT_EQ(drawing.size(), 2U);
    EXPECT_EQ(drawing[0].expression, "truth: a box");
    EXPECT_EQ(drawing[0].box_px, kept.record.truth_px);
    EXPECT_EQ(drawing[0].mask, example.mask);
    EXPECT_EQ(drawing[1].expression, "predicted: box IoU 0.25, mask IoU 0.33 (original frame)");
    EXPECT_EQ(drawing[1].box_px, kept.record.predicted_px);
    EXPECT_EQ(drawing[1].mask, decode(kept.mask));
}

TEST(Gallery, DrawsBoxesAloneWithoutMasks) {
    KeptExample kept = kept_example();
    kept.mask = {};
    const auto drawing = to_drawing(toy_example(64, 40, {4, 4, 24, 34}, 1, false), kept);
    EXPECT_TRUE(drawing[0].mask.empty());
    EXPECT_TRUE(drawing[1].mask.empty());
}

TEST(Gallery, RefusesAMaskOfAnotherSize) {
    const Example example = toy_example(64, 41, {4, 4, 24, 34}, 1);
    EXPECT_THROW((void)to_drawing(example, kept_example()), Error);
}

TEST(Gallery, LeavesOutEmptyGalleries) {
    EXPECT_EQ(gallery_markdown("Hits", {}), "");
    EXPECT_THAT(gallery_markdown("Hits", {{"hits/000001.png", "a *b*"}}), ::testing::HasSubstr("a \\*b\\*"));
}

}  // namespace
}  // namespace vglaw
