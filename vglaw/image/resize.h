// Resizing: antialiased bilinear for pictures, equal to Pillow byte for byte; nearest neighbour for masks.
#pragma once

#include "vglaw/geometry/masks.h"
#include "vglaw/image/image.h"

namespace vglaw {

/// Antialiased bilinear (triangle filter widened by the reduction factor), bit-equal to Pillow's
/// `Image.resize((width, height), BILINEAR)` on 8-bit RGB, so that features match those of Python pipelines.
/// Horizontal pass first, always, as Pillow before 13 and torchvision; newer ones swap the passes when that is cheaper,
/// which moves some values by one level.
/// Throws invalid_argument when the picture is empty or a target side is below 1.
[[nodiscard]] Image resize_bilinear(const Image& image, int width, int height);

/// Nearest neighbour by centre sampling: output pixel i reads input pixel floor((i + 0.5) * input side / output side),
/// as Pillow's NEAREST does (OpenCV's INTER_NEAREST drops the 0.5 and shifts masks up and left).
/// Throws invalid_argument when the mask is empty or a target side is below 1.
[[nodiscard]] Mask resize_nearest(const Mask& mask, int width, int height);

}  // namespace vglaw
