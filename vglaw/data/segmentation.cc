#include "vglaw/data/segmentation.h"

#include "vglaw/core/error.h"

namespace vglaw {

Rle Segmentation::encode(int height, int width) const {
    std::vector<Rle> parts;
    parts.reserve(polygons.size() + runs.size());
    for (const Polygon& polygon : polygons) parts.push_back(rasterize(polygon, height, width));
    for (const Rle& part : runs) {
        if (part.height != height || part.width != width) {
            fail(ErrorCode::corrupt_data, "a run-length mask of {}x{} does not fit its picture of {}x{}", part.width,
                 part.height, width, height);
        }
        parts.push_back(part);
    }
    if (parts.empty()) return {height, width, {std::uint32_t(height) * std::uint32_t(width)}};
    return parts.size() == 1 ? parts.front() : merge(parts);
}

Mask Segmentation::paint(int height, int width) const {
    if (empty()) return {};
    return decode(encode(height, width));
}

}  // namespace vglaw
