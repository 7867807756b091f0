// Augmentation that keeps an expression true: flip with swapped words, crop around the target, scale, placement.
#pragma once

#include "vglaw/core/rng.h"
#include "vglaw/data/dataset.h"
#include "vglaw/image/letterbox.h"

namespace vglaw {

/// What training does to an example (model.md section 6). The paper gives the flip and the placement; the ranges of
/// crop and scale follow the published port's multi-scale setting (320 to 576 pixels for a canvas of 448).
struct AugmentOptions {
    bool random_offset = true;    ///< place the picture anywhere on the canvas instead of in its centre
    double flip = 0.5;            ///< probability of a horizontal flip, [0, 1]
    double crop = 0.5;            ///< probability of a crop that keeps the targets' boxes whole, [0, 1]
    double crop_min_side = 0.75;  ///< a crop keeps at least this share of the width and of the height, (0, 1]
    double scale = 0.5;           ///< probability of shrinking the picture on its canvas, [0, 1]
    double scale_min = 0.7;       ///< long side at least this share of the canvas, (0, 1]
};

class Augmentation {
public:
    /// Throws invalid_argument when an option is outside its range (the option is named).
    explicit Augmentation(const AugmentOptions& options);

    /// Flips and crops in place: picture, mask, box and words stay together.
    void apply(Example& example, Rng& rng) const;
    /// Where the (already flipped and cropped) picture goes on a canvas of side `size`. Crop and scale jitter are both
    /// skipped when the expression names a side of the picture: "the left one" may be false in a part of it.
    [[nodiscard]] Letterbox place(const Example& example, int size, Rng& rng) const;
    [[nodiscard]] const AugmentOptions& options() const { return options_; }

private:
    AugmentOptions options_;
};

/// A part of a picture in whole pixels: columns [x, x + width), rows [y, y + height).
struct CropWindow {
    int x = 0, y = 0, width = 0, height = 0;
};

/// Mirrors picture, masks, labels and boxes (x -> width - x) and swaps the sides in the expression.
void flip_horizontally(Example& example);
/// Cuts picture, masks and labels to the window; boxes move along and are clipped to it. The window lies inside the
/// picture.
void crop(Example& example, const CropWindow& window);
/// A random window that holds the whole box (as far as the picture does) and at least min_side of both sides.
[[nodiscard]] CropWindow random_crop(const BoxXyxy& box_px, int width, int height, double min_side, Rng& rng);

}  // namespace vglaw
