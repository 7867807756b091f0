// A mask kept as a picture.
#pragma once

#include <filesystem>

#include "vglaw/geometry/masks.h"

namespace vglaw {

/// 1 where the picture is not black: 0/255 and 0/1 files alike. Throws what load_image throws.
[[nodiscard]] Mask read_mask_file(const std::filesystem::path& path);

}  // namespace vglaw
