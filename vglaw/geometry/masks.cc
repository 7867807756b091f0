#include "vglaw/geometry/masks.h"

#include <algorithm>

#include "vglaw/core/error.h"

namespace vglaw {

std::size_t area(const Mask& mask) {
    return mask.pixels.size() - std::size_t(std::ranges::count(mask.pixels, std::uint8_t{0}));
}

BoxXyxy bounding_box(const Mask& mask) {
    int left = mask.width, right = 0, top = mask.height, bottom = 0;
    for (int y = 0; y < mask.height; ++y) {
        const auto row = mask.pixels.begin() + std::ptrdiff_t(y) * mask.width;
        const auto end = row + mask.width;
        const auto is_one = [](std::uint8_t pixel) { return pixel != 0; };
        const auto first = std::find_if(row, end, is_one);
        if (first == end) continue;
        const auto last = std::find_if(std::reverse_iterator(end), std::reverse_iterator(first), is_one).base();
        left = std::min(left, int(first - row));
        right = std::max(right, int(last - row));
        top = std::min(top, y);
        bottom = y + 1;
    }
    return bottom == 0 ? BoxXyxy{} : BoxXyxy{float(left), float(top), float(right), float(bottom)};
}

Overlap overlap(const Mask& a, const Mask& b) {
    if (a.height != b.height || a.width != b.width) {
        fail(ErrorCode::invalid_argument, "masks of {}x{} and {}x{} pixels cannot be compared; resize one first",
             a.height, a.width, b.height, b.width);
    }
    Overlap result;
    for (std::size_t i = 0; i < a.pixels.size(); ++i) {
        const bool in_a = a.pixels[i] != 0, in_b = b.pixels[i] != 0;
        result.intersection += std::size_t(in_a && in_b);
        result.union_ += std::size_t(in_a || in_b);
    }
    return result;
}

}  // namespace vglaw
