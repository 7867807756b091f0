// A mask kept as a picture.
#pragma once

#include <filesystem>

#include "vglaw/geometry/masks.h"

namespace vglaw {

/// 1 where the picture is not black: 0/255 and 0/1 files, 8 and 16 bits alike; transparent pixels are not of the mask.
/// A JPEG, which blurs, from half of white up. Throws what load_image throws, and corrupt_data for a mask of nothing.
[[nodiscard]] Mask read_mask_file(const std::filesystem::path& path);

}  // namespace vglaw
