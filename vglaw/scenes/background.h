// The muted, textured ground that the objects lie on.
#pragma once

#include <cstdint>

#include "vglaw/image/image.h"

namespace vglaw {

/// Fills the picture: a gradient with checks, stripes, planks, clouds or grain, in dull colours so that objects stand
/// out.
void draw_background(Image& image, std::uint64_t seed);

}  // namespace vglaw
