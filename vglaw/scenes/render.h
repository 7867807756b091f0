// Draws a scene: our own small rasteriser, the same bytes on any machine.
#pragma once

#include <cstdint>
#include <vector>

#include "vglaw/geometry/boxes.h"
#include "vglaw/geometry/masks.h"
#include "vglaw/image/image.h"
#include "vglaw/scenes/scene.h"

namespace vglaw {

/// The picture and, for each pixel, which object its centre shows.
struct Rendering {
    Image image;
    std::vector<std::uint8_t> owner;  ///< [height, width]: index of the object, or background

    static constexpr std::uint8_t background = 255;

    /// The pixels where the object is seen (not those hidden by others): 0 or 1.
    [[nodiscard]] Mask visible_mask(int object) const;
    /// Tight box around those pixels; x1 and y1 are the last pixel + 1. All zero when none is seen.
    [[nodiscard]] BoxXyxy visible_box_px(int object) const;
};

[[nodiscard]] Rendering render(const Scene& scene);

/// Pixels of the object alone, as if nothing hid it; what `visible` shares are relative to.
[[nodiscard]] Mask full_mask(const Scene& scene, int object);

}  // namespace vglaw
