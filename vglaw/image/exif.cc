#include "vglaw/image/exif.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

constexpr int kUpright = 1;
constexpr std::uint32_t kOrientationTag = 0x0112, kShortType = 3;

/// Little- or big-endian numbers of a TIFF block; the caller checks the bounds.
struct TiffBlock {
    std::span<const std::uint8_t> bytes;
    bool big_endian = false;

    [[nodiscard]] std::uint32_t u16(std::size_t at) const {
        const std::uint32_t first = bytes[at], second = bytes[at + 1];
        return big_endian ? first << 8 | second : second << 8 | first;
    }
    [[nodiscard]] std::uint32_t u32(std::size_t at) const {
        return big_endian ? u16(at) << 16 | u16(at + 2) : u16(at + 2) << 16 | u16(at);
    }
};

}  // namespace

int exif_orientation(std::span<const std::uint8_t> block) {
    constexpr std::string_view prefix("Exif\0\0", 6);
    if (block.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), block.begin())) {
        block = block.subspan(prefix.size());
    }
    if (block.size() < 8 || block[0] != block[1] || (block[0] != 'I' && block[0] != 'M')) return kUpright;
    const TiffBlock tiff{block, block[0] == 'M'};
    if (tiff.u16(2) != 42) return kUpright;
    const std::size_t directory = tiff.u32(4);
    if (directory > block.size() - 2) return kUpright;
    const std::size_t entries = tiff.u16(directory);
    for (std::size_t i = 0; i < entries; ++i) {
        const std::size_t entry = directory + 2 + 12 * i;
        if (entry + 12 > block.size()) return kUpright;
        if (tiff.u16(entry) != kOrientationTag) continue;
        const std::uint32_t value = tiff.u16(entry + 8);
        return tiff.u16(entry + 2) == kShortType && value >= 1 && value <= 8 ? int(value) : kUpright;
    }
    return kUpright;
}

Image apply_orientation(Image image, int orientation) {
    if (orientation < 1 || orientation > 8) {
        fail(ErrorCode::invalid_argument, "EXIF orientation {} is not one of 1 to 8", orientation);
    }
    if (orientation == kUpright) return image;
    // Orientations 5 to 8 swap the axes; which stored edge is the shown top and left decides the rest.
    const bool transposed = orientation >= 5;
    const bool mirror_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    const bool mirror_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    Image out(transposed ? image.height : image.width, transposed ? image.width : image.height);
    std::uint8_t* target = out.rgb.data();
    for (int y = 0; y < out.height; ++y) {
        for (int x = 0; x < out.width; ++x, target += 3) {
            const int stored_x = transposed ? y : x, stored_y = transposed ? x : y;
            const std::uint8_t* source = image.pixel(mirror_y ? image.height - 1 - stored_y : stored_y,
                                                     mirror_x ? image.width - 1 - stored_x : stored_x);
            std::copy_n(source, 3, target);
        }
    }
    return out;
}

}  // namespace vglaw
