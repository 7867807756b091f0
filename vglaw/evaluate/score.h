// Scores one prediction against its ground truth, on the canvas and at the picture's own resolution.
#pragma once

#include "vglaw/evaluate/metrics.h"
#include "vglaw/evaluate/prediction.h"
#include "vglaw/geometry/masks.h"
#include "vglaw/image/letterbox.h"

namespace vglaw {

/// sigmoid(x) > probability is x > logit_of(probability), without an exponential for every pixel.
/// Throws invalid_argument unless 0 < probability < 1.
[[nodiscard]] double logit_of(double probability);

/// 1 where logits [height, width] exceed the threshold; NaN does not.
[[nodiscard]] Mask threshold_mask(const float* logits, int height, int width, double logit_threshold);

struct ScoredPrediction {
    FrameScore canvas, original;
    bool has_mask = false;  ///< both the ground truth and the prediction have a mask
    BoxXyxy box_px;         ///< predicted, pixels of the picture, clipped to it
    Mask mask;              ///< predicted, at the picture's size; empty() without a predicted mask
};

/// Canvas frame: float boxes, unclipped; ground truth resized by nearest neighbour; the padding counts.
/// Original frame: the box mapped back and clipped, the logits resized bilinearly, then the threshold.
/// truth_mask is empty() for an expression without a mask. Throws invalid_argument when the predicted box is not
/// finite.
[[nodiscard]] ScoredPrediction score_prediction(const Prediction& prediction, const BoxXyxy& truth_box_px,
                                                const Mask& truth_mask, const Letterbox& placement,
                                                double logit_threshold);

}  // namespace vglaw
