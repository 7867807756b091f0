// The one EXIF field that changes what people see: orientation.
#pragma once

#include <cstdint>
#include <span>

#include "vglaw/image/image.h"

namespace vglaw {

/// Orientation (tag 0x0112 of IFD 0) from a TIFF block, with or without the "Exif\0\0" prefix. 1 when the block is
/// damaged, has no such tag, or the value is not 1 to 8: a bad tag must not cost the picture.
[[nodiscard]] int exif_orientation(std::span<const std::uint8_t> block);

/// The picture as orientation 1 would store it. orientation in 1 to 8, else invalid_argument.
[[nodiscard]] Image apply_orientation(Image image, int orientation);

}  // namespace vglaw
