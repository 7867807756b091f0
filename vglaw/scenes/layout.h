// Decides what stands where: the random part of a picture.
#pragma once

#include "vglaw/core/rng.h"
#include "vglaw/scenes/scene.h"

namespace vglaw {

struct LayoutOptions {
    int min_objects = 3, max_objects = 12;  ///< 1 <= min <= max <= max_scene_objects
    int min_side = 160, max_side = 320;     ///< of the long side, pixels; the short one is 0.7 to 1 times as long
};

/// Throws invalid_argument when the options are out of range.
void check(const LayoutOptions& options);

/// Between min and max objects, each with more than half of itself in sight. Colours and shapes come from a small
/// palette per scene, so that most objects share a colour or a shape with another one and neither alone tells which is
/// meant.
[[nodiscard]] Scene generate_scene(const LayoutOptions& options, Rng& rng);

}  // namespace vglaw
