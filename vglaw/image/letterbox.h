// Letterbox: the long side scaled to the canvas, aspect kept, the slack padded; and its exact inverse (model.md section
// 6).
#pragma once

#include <vector>

#include "vglaw/geometry/boxes.h"
#include "vglaw/geometry/masks.h"
#include "vglaw/image/image.h"

namespace vglaw {

/// Where a width x height picture lies on the size x size canvas.
/// Forward: x_canvas = x_image * scale_x + left. scale_x = resized_width / width, exact for the rounded size.
struct Letterbox {
    int width = 0, height = 0;                  ///< the original picture, pixels
    int size = 0;                               ///< canvas side, pixels
    int resized_width = 0, resized_height = 0;  ///< round-half-up of the original times size / long side, at least 1
    int left = 0, top = 0;                      ///< offset of the picture on the canvas, pixels

    /// Test-time placement: centred, floor of the slack / 2.
    static Letterbox centred(int width, int height, int size);
    [[nodiscard]] float scale_x() const { return float(resized_width) / float(width); }
    [[nodiscard]] float scale_y() const { return float(resized_height) / float(height); }

    [[nodiscard]] BoxCxcywh box_to_canvas(
        const BoxXyxy& box_px) const;  ///< pixels of the picture -> [0, 1] of the canvas
    [[nodiscard]] BoxXyxy box_to_image(const BoxCxcywh& box_norm) const;  ///< inverse, clipped to the picture
    /// Nearest neighbour, as the published evaluation does it for ground truth: [height, width] -> [size, size],
    /// padding 0.
    [[nodiscard]] Mask mask_to_canvas(const Mask& mask) const;
    /// Logits [size, size] on the canvas -> logits [height, width] of the picture, bilinear (pixel centres aligned).
    [[nodiscard]] std::vector<float> logits_to_image(const float* logits) const;
};

/// Mean and standard deviation of the three channels, RGB in [0, 1].
struct Normalization {
    float mean[3] = {0.485F, 0.456F, 0.406F};
    float std[3] = {0.229F, 0.224F, 0.225F};
};

/// Resizes (antialiased bilinear, equal to Pillow's BILINEAR), normalises, then pads with zeros. out: [3, size, size].
void letterbox_image(const Image& image, const Letterbox& placement, const Normalization& normalization, float* out);

}  // namespace vglaw
