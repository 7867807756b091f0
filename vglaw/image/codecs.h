// Inside the room only: one reader a format, and what they share. Callers use decode.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "vglaw/image/image.h"

namespace vglaw::codecs {

/// A decoded picture in stored-pixel orientation, and how EXIF wants it turned (1 to 8; 1 = as it is).
struct Decoded {
    Image image;
    int orientation = 1;
};

Decoded read_jpeg(std::span<const std::uint8_t> bytes, const std::string& origin, std::int64_t max_pixels);
Decoded read_png(std::span<const std::uint8_t> bytes, const std::string& origin, std::int64_t max_pixels, bool labels);
Decoded read_webp(std::span<const std::uint8_t> bytes, const std::string& origin, std::int64_t max_pixels);

/// Throws unsupported when a header promises no pixels or more than max_pixels.
void check_size(std::int64_t width, std::int64_t height, std::int64_t max_pixels, const std::string& origin);
/// round(a * b / 255) for a, b in 0..255.
inline std::uint8_t multiply_255(int a, int b) {
    const int product = a * b + 128;
    return std::uint8_t((product + (product >> 8)) >> 8);
}

}  // namespace vglaw::codecs
