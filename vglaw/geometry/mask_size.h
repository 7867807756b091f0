// The bound on mask sizes that come from files.
#pragma once

#include <cstddef>

namespace vglaw {

/// 32768 x 32768: far above any image here, and a byte a pixel is still an allocation that can be granted.
inline constexpr std::size_t kMaxMaskPixels = std::size_t{1} << 30;

/// height * width; throws invalid_argument when negative, unsupported above kMaxMaskPixels.
[[nodiscard]] std::size_t checked_pixels(int height, int width);

}  // namespace vglaw
