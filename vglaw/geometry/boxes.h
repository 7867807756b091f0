// Axis-aligned boxes in the two forms the field uses, and the overlaps between them.
#pragma once

namespace vglaw {

/// Corners: x0 <= x1, y0 <= y1 for a proper box. Continuous coordinates: a pixel column i spans [i, i + 1].
struct BoxXyxy {
    float x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    friend bool operator==(const BoxXyxy&, const BoxXyxy&) = default;
};

/// Centre and size; what the box head predicts, in [0, 1] of the padded canvas (model.md section 4).
struct BoxCxcywh {
    float cx = 0, cy = 0, w = 0, h = 0;
    friend bool operator==(const BoxCxcywh&, const BoxCxcywh&) = default;
};

[[nodiscard]] BoxXyxy to_xyxy(const BoxCxcywh& box);
[[nodiscard]] BoxCxcywh to_cxcywh(const BoxXyxy& box);
/// 0 for an empty or inverted box.
[[nodiscard]] float area(const BoxXyxy& box);
[[nodiscard]] BoxXyxy intersection(const BoxXyxy& a, const BoxXyxy& b);
/// The part of `box` inside [0, width] x [0, height].
[[nodiscard]] BoxXyxy clip(const BoxXyxy& box, float width, float height);
/// Intersection over union in [0, 1]; 0 when both are empty.
[[nodiscard]] float iou(const BoxXyxy& a, const BoxXyxy& b);
/// Generalised IoU in [-1, 1] (Rezatofighi et al. 2019).
[[nodiscard]] float giou(const BoxXyxy& a, const BoxXyxy& b);

}  // namespace vglaw
