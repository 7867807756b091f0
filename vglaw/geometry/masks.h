// Binary masks: dense pixels, COCO run-length encoding (bit-equal to pycocotools), polygons.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vglaw/geometry/boxes.h"

namespace vglaw {

/// Dense mask, row-major [height, width], every value 0 or 1.
struct Mask {
    int height = 0, width = 0;
    std::vector<std::uint8_t> pixels;

    Mask() = default;
    Mask(int rows, int columns) : height(rows), width(columns), pixels(std::size_t(rows) * std::size_t(columns)) {}
    [[nodiscard]] std::uint8_t at(int y, int x) const {
        return pixels[std::size_t(y) * std::size_t(width) + std::size_t(x)];
    }
    std::uint8_t& at(int y, int x) { return pixels[std::size_t(y) * std::size_t(width) + std::size_t(x)]; }
    [[nodiscard]] bool empty() const { return pixels.empty(); }
    friend bool operator==(const Mask&, const Mask&) = default;
};

/// COCO run-length encoding: column-major scan, runs alternate 0, 1, 0, ...; the first counts zeros and may be 0.
struct Rle {
    int height = 0, width = 0;
    std::vector<std::uint32_t> counts;
    friend bool operator==(const Rle&, const Rle&) = default;
};

using Polygon = std::vector<double>;  ///< x0, y0, x1, y1, ... in pixels; at least 6 numbers

[[nodiscard]] Rle encode(const Mask& mask);
/// Throws corrupt_data when the runs do not add up to height * width.
[[nodiscard]] Mask decode(const Rle& rle);
/// COCO's ASCII form of the counts (formats.md 1.4).
[[nodiscard]] std::string to_coco_string(const Rle& rle);
/// Throws corrupt_data on a bad character, a truncated number, a negative run, or a sum other than height * width.
[[nodiscard]] Rle from_coco_string(std::string_view counts, int height, int width);
/// Rasterises one polygon with COCO's integer scheme, bit-equal to pycocotools' rleFrPoly. Any finite coordinates.
[[nodiscard]] Rle rasterize(std::span<const double> polygon, int height, int width);
/// Union of masks of the same size.
[[nodiscard]] Rle merge(std::span<const Rle> masks);
[[nodiscard]] std::size_t area(const Rle& rle);
[[nodiscard]] std::size_t area(const Mask& mask);
/// Tight box around the ones, continuous corners (x1 = last column + 1); all zero for an empty mask.
[[nodiscard]] BoxXyxy bounding_box(const Mask& mask);
/// Intersection and union in pixels, of two masks of the same size.
struct Overlap {
    std::size_t intersection = 0, union_ = 0;
};
[[nodiscard]] Overlap overlap(const Mask& a, const Mask& b);

}  // namespace vglaw
