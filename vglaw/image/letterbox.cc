#include "vglaw/image/letterbox.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "vglaw/core/error.h"
#include "vglaw/image/resize.h"

namespace vglaw {
namespace {

/// A placement is a plain struct that training fills in by hand (random offsets): believe it only when it fits.
void check(const Letterbox& placement) {
    const Letterbox& p = placement;
    const bool fits = p.width > 0 && p.height > 0 && p.resized_width > 0 && p.resized_height > 0 && p.left >= 0 &&
                      p.top >= 0 && p.resized_width <= p.size && p.left <= p.size - p.resized_width &&
                      p.resized_height <= p.size && p.top <= p.size - p.resized_height;
    if (!fits) {
        fail(ErrorCode::invalid_argument,
             "letterbox: a {} x {} picture resized to {} x {} at ({}, {}) does not fit a canvas of side {}", p.width,
             p.height, p.resized_width, p.resized_height, p.left, p.top, p.size);
    }
}

/// For each of `count` picture pixels along one axis: the canvas cell before its centre and the share of the next one.
struct Blend {
    std::vector<int> first;
    std::vector<float> share;
};

Blend blend_table(int count, int resized, int offset) {
    Blend table{std::vector<int>(std::size_t(count)), std::vector<float>(std::size_t(count))};
    const double scale = double(resized) / double(count);
    for (int i = 0; i < count; ++i) {
        // Clamped to the picture's own cells: padding must not leak into the border pixels.
        const double at = std::clamp((i + 0.5) * scale - 0.5, 0.0, double(resized - 1));
        const int first = std::min(int(at), std::max(resized - 2, 0));
        table.first[std::size_t(i)] = first + offset;
        table.share[std::size_t(i)] = float(at - first);
    }
    return table;
}

}  // namespace

Letterbox Letterbox::centred(int width, int height, int size) {
    if (width < 1 || height < 1 || size < 1) {
        fail(ErrorCode::invalid_argument, "letterbox: picture {} x {} on a canvas of side {}: all must be at least 1",
             width, height, size);
    }
    const std::int64_t long_side = std::max(width, height);
    const auto resized = [&](int side) {
        return std::max(int((2 * std::int64_t(side) * size + long_side) / (2 * long_side)), 1);
    };
    Letterbox placement;
    placement.width = width;
    placement.height = height;
    placement.size = size;
    placement.resized_width = resized(width);
    placement.resized_height = resized(height);
    placement.left = (size - placement.resized_width) / 2;
    placement.top = (size - placement.resized_height) / 2;
    return placement;
}

// Doubles inside: in floats alone a round trip on a 4000 px picture would lose a thousandth of a pixel.
BoxCxcywh Letterbox::box_to_canvas(const BoxXyxy& box_px) const {
    check(*this);
    const double sx = double(resized_width) / width, sy = double(resized_height) / height;
    const double x0 = (box_px.x0 * sx + left) / size, x1 = (box_px.x1 * sx + left) / size;
    const double y0 = (box_px.y0 * sy + top) / size, y1 = (box_px.y1 * sy + top) / size;
    return {float((x0 + x1) / 2), float((y0 + y1) / 2), float(x1 - x0), float(y1 - y0)};
}

BoxXyxy Letterbox::box_to_image(const BoxCxcywh& box_norm) const {
    check(*this);
    const auto back = [this](double canvas_norm, int offset, int resized, int original) {
        const double at = (canvas_norm * size - offset) * original / resized;
        return float(std::clamp(at, 0.0, double(original)));
    };
    const double half_w = double(box_norm.w) / 2, half_h = double(box_norm.h) / 2;
    return {back(box_norm.cx - half_w, left, resized_width, width),
            back(box_norm.cy - half_h, top, resized_height, height),
            back(box_norm.cx + half_w, left, resized_width, width),
            back(box_norm.cy + half_h, top, resized_height, height)};
}

Mask Letterbox::mask_to_canvas(const Mask& mask) const {
    check(*this);
    if (mask.width != width || mask.height != height) {
        fail(ErrorCode::invalid_argument, "letterbox: the mask is {} x {} but the picture is {} x {}", mask.width,
             mask.height, width, height);
    }
    const Mask resized = resize_nearest(mask, resized_width, resized_height);
    Mask canvas(size, size);
    for (int y = 0; y < resized_height; ++y) {
        const std::uint8_t* row = resized.pixels.data() + std::size_t(y) * std::size_t(resized_width);
        std::copy_n(row, resized_width, &canvas.at(top + y, left));
    }
    return canvas;
}

std::vector<float> Letterbox::logits_to_image(const float* logits) const {
    check(*this);
    const Blend columns = blend_table(width, resized_width, left);
    const Blend rows = blend_table(height, resized_height, top);
    const int next_column = resized_width > 1 ? 1 : 0, next_row = resized_height > 1 ? size : 0;
    std::vector<float> out(std::size_t(width) * std::size_t(height));
    std::vector<float> blended(static_cast<std::size_t>(size));  // one canvas row between two
    for (int y = 0; y < height; ++y) {
        const float* upper = logits + std::size_t(rows.first[std::size_t(y)]) * std::size_t(size);
        const float* lower = upper + next_row;
        const float share_y = rows.share[std::size_t(y)];
        for (int x = left; x < left + resized_width; ++x) {
            blended[std::size_t(x)] = upper[x] + (lower[x] - upper[x]) * share_y;
        }
        float* target = out.data() + std::size_t(y) * std::size_t(width);
        for (int x = 0; x < width; ++x) {
            const float* cell = blended.data() + columns.first[std::size_t(x)];
            target[x] = cell[0] + (cell[next_column] - cell[0]) * columns.share[std::size_t(x)];
        }
    }
    return out;
}

void letterbox_image(const Image& image, const Letterbox& placement, const Normalization& normalization, float* out) {
    check(placement);
    if (image.width != placement.width || image.height != placement.height) {
        fail(ErrorCode::invalid_argument, "letterbox: the picture is {} x {} but the placement is for {} x {}",
             image.width, image.height, placement.width, placement.height);
    }
    const Image resized = resize_bilinear(image, placement.resized_width, placement.resized_height);
    std::array<std::array<float, 256>, 3> normalised;
    for (int c = 0; c < 3; ++c) {
        for (int v = 0; v < 256; ++v) {
            normalised[std::size_t(c)][std::size_t(v)] =
                (float(v) / 255.0F - normalization.mean[c]) / normalization.std[c];
        }
    }
    const std::size_t side = std::size_t(placement.size);
    std::fill(out, out + 3 * side * side, 0.0F);
    for (int y = 0; y < resized.height; ++y) {
        const std::uint8_t* pixel = resized.pixel(y, 0);
        float* red = out + std::size_t(placement.top + y) * side + std::size_t(placement.left);
        float* green = red + side * side;
        float* blue = green + side * side;
        for (int x = 0; x < resized.width; ++x, pixel += 3) {
            red[x] = normalised[0][pixel[0]];
            green[x] = normalised[1][pixel[1]];
            blue[x] = normalised[2][pixel[2]];
        }
    }
}

}  // namespace vglaw
