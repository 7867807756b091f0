// An object's outline as annotation files store it: polygons, run lengths, or several of either (formats.md 1.4).
#pragma once

#include <vector>

#include "vglaw/geometry/masks.h"

namespace vglaw {

/// The union of its parts. Kept as the file has it, some hundred bytes an object, and painted when the example is asked
/// for.
struct Segmentation {
    std::vector<Polygon> polygons;
    std::vector<Rle> runs;

    [[nodiscard]] bool empty() const { return polygons.empty() && runs.empty(); }
    /// Overlapping parts count once (REFER sums them; see formats.md 1.4). Throws corrupt_data when a run-length part
    /// is of another size, or does not add up.
    [[nodiscard]] Rle encode(int height, int width) const;
    /// The same as pixels; an empty mask for an empty segmentation.
    [[nodiscard]] Mask paint(int height, int width) const;
};

}  // namespace vglaw
