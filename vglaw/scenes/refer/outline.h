// The polygons of a mask, in the form COCO's annotations have.
#pragma once

#include <vector>

#include "vglaw/geometry/masks.h"

namespace vglaw {

/// Closed outlines along the edges of the pixels whose union, rasterised by COCO's scheme, is the mask. COCO polygons
/// have no holes: a part with a hole is cut in two through it. Nothing for a mask without ones.
[[nodiscard]] std::vector<Polygon> outline_polygons(const Mask& mask);

}  // namespace vglaw
