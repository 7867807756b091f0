#include "vglaw/evaluate/score.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

/// Rounding may carry the quotient of two nearly equal areas past 1.
float box_iou(const BoxXyxy& a, const BoxXyxy& b) { return std::clamp(iou(a, b), 0.0F, 1.0F); }

}  // namespace

double logit_of(double probability) {
    if (!(probability > 0.0 && probability < 1.0)) {
        fail(ErrorCode::invalid_argument, "mask threshold {} is outside (0, 1)", probability);
    }
    return std::log(probability / (1.0 - probability));
}

Mask threshold_mask(const float* logits, int height, int width, double logit_threshold) {
    Mask mask(height, width);
    std::transform(logits, logits + mask.pixels.size(), mask.pixels.begin(),
                   [=](float logit) { return std::uint8_t(double(logit) > logit_threshold ? 1 : 0); });
    return mask;
}

ScoredPrediction score_prediction(const Prediction& prediction, const BoxXyxy& truth_box_px, const Mask& truth_mask,
                                  const Letterbox& placement, double logit_threshold) {
    const BoxCxcywh& box = prediction.box;
    if (!std::isfinite(box.cx) || !std::isfinite(box.cy) || !std::isfinite(box.w) || !std::isfinite(box.h)) {
        fail(ErrorCode::invalid_argument,
             "the model predicted the box [{}, {}, {}, {}]; its weights are damaged or its training diverged", box.cx,
             box.cy, box.w, box.h);
    }
    ScoredPrediction scored;
    scored.canvas.box_iou = box_iou(to_xyxy(box), to_xyxy(placement.box_to_canvas(truth_box_px)));
    scored.box_px = placement.box_to_image(box);
    scored.original.box_iou = box_iou(scored.box_px, truth_box_px);
    if (prediction.mask_logits == nullptr) return scored;

    const std::vector<float> logits = placement.logits_to_image(prediction.mask_logits);
    scored.mask = threshold_mask(logits.data(), placement.height, placement.width, logit_threshold);
    scored.has_mask = !truth_mask.empty();
    if (scored.has_mask) {
        scored.original.mask = overlap(scored.mask, truth_mask);
        scored.canvas.mask =
            overlap(threshold_mask(prediction.mask_logits, placement.size, placement.size, logit_threshold),
                    placement.mask_to_canvas(truth_mask));
    }
    return scored;
}

}  // namespace vglaw
