#include "vglaw/geometry/boxes.h"

#include <algorithm>

namespace vglaw {
namespace {

// Areas and ratios in double: a float product loses the last pixels of a large image, and a ratio could pass 1.
double area_of(const BoxXyxy& box) {
    const double w = double(box.x1) - double(box.x0), h = double(box.y1) - double(box.y0);
    return w > 0 && h > 0 ? w * h : 0.0;
}

}  // namespace

BoxXyxy to_xyxy(const BoxCxcywh& box) {
    return {box.cx - box.w / 2, box.cy - box.h / 2, box.cx + box.w / 2, box.cy + box.h / 2};
}

BoxCxcywh to_cxcywh(const BoxXyxy& box) {
    return {(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2, box.x1 - box.x0, box.y1 - box.y0};
}

float area(const BoxXyxy& box) { return float(area_of(box)); }

BoxXyxy intersection(const BoxXyxy& a, const BoxXyxy& b) {
    BoxXyxy shared{std::max(a.x0, b.x0), std::max(a.y0, b.y0), std::min(a.x1, b.x1), std::min(a.y1, b.y1)};
    shared.x1 = std::max(shared.x0, shared.x1);  // disjoint boxes share an empty box, not an inverted one
    shared.y1 = std::max(shared.y0, shared.y1);
    return shared;
}

BoxXyxy clip(const BoxXyxy& box, float width, float height) {
    return {std::clamp(box.x0, 0.0f, width), std::clamp(box.y0, 0.0f, height), std::clamp(box.x1, 0.0f, width),
            std::clamp(box.y1, 0.0f, height)};
}

float iou(const BoxXyxy& a, const BoxXyxy& b) {
    const double shared = area_of(intersection(a, b));
    const double whole = area_of(a) + area_of(b) - shared;
    return whole > 0 ? float(std::min(1.0, shared / whole)) : 0.0f;
}

float giou(const BoxXyxy& a, const BoxXyxy& b) {
    const double shared = area_of(intersection(a, b));
    const double whole = area_of(a) + area_of(b) - shared;
    const double hull =
        area_of({std::min(a.x0, b.x0), std::min(a.y0, b.y0), std::max(a.x1, b.x1), std::max(a.y1, b.y1)});
    const double overlap = whole > 0 ? std::min(1.0, shared / whole) : 0.0;
    // A hull without area (both boxes on one line) has nothing to penalise.
    return float(hull > 0 ? std::clamp(overlap - (hull - whole) / hull, -1.0, 1.0) : overlap);
}

}  // namespace vglaw
