#include "vglaw/evaluate/score.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "toy_set.h"
#include "vglaw/core/error.h"
#include "vglaw/core/rng.h"

namespace vglaw {
namespace {

TEST(Score, TakesThePaperThresholdAsALogit) {
    const double threshold = logit_of(0.35);
    EXPECT_DOUBLE_EQ(threshold, std::log(0.35 / 0.65));
    const std::vector<float> logits = {
        float(threshold) - 1e-4F, float(threshold) + 1e-4F, 0.0F, -1.0F, std::numeric_limits<float>::quiet_NaN(), 5.0F};
    const Mask mask = threshold_mask(logits.data(), 2, 3, threshold);
    EXPECT_EQ(mask.pixels, (std::vector<std::uint8_t>{0, 1, 1, 0, 0, 1}));
}

TEST(Score, ThresholdsLogitsAsTheSigmoidWould) {
    Rng rng(3);
    std::vector<float> logits(1000);
    for (float& logit : logits) logit = float(rng.uniform(-3, 3));
    const Mask mask = threshold_mask(logits.data(), 10, 100, logit_of(0.35));
    for (std::size_t i = 0; i < logits.size(); ++i) {
        EXPECT_EQ(mask.pixels[i] != 0, 1.0 / (1.0 + std::exp(-double(logits[i]))) > 0.35) << logits[i];
    }
}

TEST(Score, RefusesThresholdsThatAreNoProbability) {
    for (const double bad : {0.0, 1.0, -1.0, 2.0, std::nan("")}) EXPECT_THROW((void)logit_of(bad), Error) << bad;
}

TEST(Score, MeasuresAHandComputedCaseInBothFrames) {
    // A 64 x 32 picture on a canvas of 64: nothing is resized, 16 rows of padding above and below.
    const Letterbox placement = Letterbox::centred(64, 32, 64);
    const Example truth = toy_example(64, 32, {0, 0, 32, 16}, 2);
    // Predicted: columns 0-63 of canvas rows 16-31 (the picture's rows 0-15), and all of the padding below.
    std::vector<float> logits(64 * 64, -4.0F);
    for (int y = 0; y < 64; ++y) {
        for (int x = 0; x < 64; ++x) {
            if ((y >= 16 && y < 32) || y >= 48) logits[std::size_t(y * 64 + x)] = 4.0F;
        }
    }
    Prediction prediction{placement.box_to_canvas({0, 0, 64, 16}), logits.data()};
    const ScoredPrediction scored = score_prediction(prediction, truth.box_px, truth.mask, placement, logit_of(0.35));
    ASSERT_TRUE(scored.has_mask);
    EXPECT_EQ(scored.canvas.mask.intersection, 32U * 16U);
    EXPECT_EQ(scored.canvas.mask.union_, 64U * 32U);  // the padding counts here
    EXPECT_EQ(scored.original.mask.intersection, 32U * 16U);
    EXPECT_EQ(scored.original.mask.union_, 64U * 16U);  // and is gone here
    EXPECT_NEAR(scored.canvas.box_iou, 0.5F, 1e-6F);
    EXPECT_NEAR(scored.original.box_iou, 0.5F, 1e-6F);
    EXPECT_EQ(scored.mask.height, 32);
    EXPECT_EQ(scored.mask.width, 64);
}

TEST(Score, FramesAgreeForBoxesInsideThePicture) {
    // IoU is invariant under scale and shift; 1e-5 leaves room for float coordinates of pictures up to 1000 pixels.
    Rng rng(11);
    for (int i = 0; i < 200; ++i) {
        const int width = rng.uniform_int(50, 1000), height = rng.uniform_int(50, 1000);
        const Letterbox placement = Letterbox::centred(width, height, 448);
        const auto random_box = [&] {
            const double x = rng.uniform(0, width * 0.6), y = rng.uniform(0, height * 0.6);
            return BoxXyxy{float(x), float(y), float(x + width * rng.uniform(0.1, 0.4)),
                           float(y + height * rng.uniform(0.1, 0.4))};
        };
        const BoxXyxy truth = random_box();
        const Prediction prediction{placement.box_to_canvas(random_box()), nullptr};
        const ScoredPrediction scored = score_prediction(prediction, truth, Mask(), placement, 0.0);
        EXPECT_NEAR(scored.canvas.box_iou, scored.original.box_iou, 1e-5F);
        EXPECT_FALSE(scored.has_mask);
        EXPECT_TRUE(scored.mask.empty());
    }
}

TEST(Score, ClipsBoxesOnlyInTheOriginalFrame) {
    // 64 x 32 on 64: the prediction covers the whole canvas, half of it padding.
    const Letterbox placement = Letterbox::centred(64, 32, 64);
    const Prediction prediction{{0.5F, 0.5F, 1.0F, 1.0F}, nullptr};
    const ScoredPrediction scored = score_prediction(prediction, {0, 0, 64, 32}, Mask(), placement, 0.0);
    EXPECT_NEAR(scored.canvas.box_iou, 0.5F, 1e-6F);
    EXPECT_NEAR(scored.original.box_iou, 1.0F, 1e-6F);
}

TEST(Score, KeepsThePredictedMaskOfASetWithoutMasks) {
    const Letterbox placement = Letterbox::centred(64, 64, 64);
    const std::vector<float> logits(64 * 64, 1.0F);
    const Prediction prediction{{0.5F, 0.5F, 0.5F, 0.5F}, logits.data()};
    const ScoredPrediction scored = score_prediction(prediction, {0, 0, 64, 32}, Mask(), placement, 0.0);
    EXPECT_FALSE(scored.has_mask);
    EXPECT_EQ(area(scored.mask), 64U * 64U);
}

TEST(Score, RefusesABoxThatIsNotFinite) {
    const Letterbox placement = Letterbox::centred(64, 64, 64);
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        const Prediction prediction{{0.5F, bad, 0.5F, 0.5F}, nullptr};
        EXPECT_THROW((void)score_prediction(prediction, {0, 0, 9, 9}, Mask(), placement, 0.0), Error);
    }
}

}  // namespace
}  // namespace vglaw
