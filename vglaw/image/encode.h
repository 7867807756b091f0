// RGB pixels and masks -> JPEG and PNG bytes. The same pixels give the same bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "vglaw/geometry/masks.h"
#include "vglaw/image/image.h"

namespace vglaw {

/// Baseline JPEG, 4:2:0. quality in 1 to 100. Throws invalid_argument for another quality, an empty picture or a side
/// above 65500 (the format's limit).
[[nodiscard]] std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality = 90);
/// 8-bit RGB PNG. Throws invalid_argument for an empty picture.
[[nodiscard]] std::vector<std::uint8_t> encode_png(const Image& image);
/// 8-bit gray PNG: 0 outside the mask, 255 inside. Throws invalid_argument for an empty mask.
[[nodiscard]] std::vector<std::uint8_t> encode_png_gray(const Mask& mask);

/// Encode and write beside + rename: readers see the whole file or none. Throw as above, and io.
void save_jpeg(const std::filesystem::path& path, const Image& image, int quality = 90);
void save_png(const std::filesystem::path& path, const Image& image);
void save_png_gray(const std::filesystem::path& path, const Mask& mask);

}  // namespace vglaw
