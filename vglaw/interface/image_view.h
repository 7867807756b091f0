// A caller's pixels as the rooms below want them.
#pragma once

#include "vglaw/image/image.h"
#include "vglaw/interface/vglaw.h"

namespace vglaw::interface {

/// Width times height at most, as for pictures from files.
inline constexpr std::int64_t kMostPixels = 100'000'000;

/// Copies the pixels into `image`, whose memory is used again. Throws invalid_argument: a null view or data, a side
/// below 1, too many pixels, channels other than 3 and 4, a stride shorter than a row.
void copy_pixels(const vglaw_image* view, Image& image);

}  // namespace vglaw::interface
