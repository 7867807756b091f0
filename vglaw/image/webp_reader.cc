#include <webp/decode.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/image/codecs.h"
#include "vglaw/image/composite.h"
#include "vglaw/image/exif.h"

namespace vglaw::codecs {
namespace {

constexpr std::size_t kRiffHeader = 12, kChunkHeader = 8;

std::size_t u32_at(std::span<const std::uint8_t> bytes, std::size_t at) {
    return std::size_t(bytes[at]) | std::size_t(bytes[at + 1]) << 8 | std::size_t(bytes[at + 2]) << 16 |
           std::size_t(bytes[at + 3]) << 24;
}

/// Walks the RIFF chunks; libwebp itself hands out no metadata.
int orientation_of(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view name = "EXIF";
    for (std::size_t at = kRiffHeader; bytes.size() - at >= kChunkHeader;) {
        const std::size_t size = u32_at(bytes, at + 4), left = bytes.size() - at - kChunkHeader;
        if (size > left) return 1;
        if (std::equal(name.begin(), name.end(), bytes.begin() + std::ptrdiff_t(at))) {
            return exif_orientation(bytes.subspan(at + kChunkHeader, size));
        }
        at += kChunkHeader + std::min(size + size % 2, left);  // chunks are padded to an even size
    }
    return 1;
}

}  // namespace

Decoded read_webp(std::span<const std::uint8_t> bytes, const std::string& origin, std::int64_t max_pixels) {
    if (u32_at(bytes, 4) > bytes.size() - 8) {
        fail(ErrorCode::corrupt_data, "{}: damaged WebP: {} bytes promised, {} there", origin, u32_at(bytes, 4) + 8,
             bytes.size());
    }
    WebPBitstreamFeatures features;
    if (WebPGetFeatures(bytes.data(), bytes.size(), &features) != VP8_STATUS_OK) {
        fail(ErrorCode::corrupt_data, "{}: damaged WebP: the header cannot be read", origin);
    }
    check_size(features.width, features.height, max_pixels, origin);
    if (features.has_animation != 0) {
        fail(ErrorCode::unsupported, "{} is an animated WebP; save one frame as a still picture", origin);
    }
    Decoded result{Image(features.width, features.height), orientation_of(bytes)};
    std::vector<std::uint8_t> rgba;
    std::uint8_t* decoded = nullptr;
    if (features.has_alpha != 0) {
        rgba.resize(std::size_t(features.width) * std::size_t(features.height) * 4);
        decoded = WebPDecodeRGBAInto(bytes.data(), bytes.size(), rgba.data(), rgba.size(), features.width * 4);
    } else {
        std::vector<std::uint8_t>& rgb = result.image.rgb;
        decoded = WebPDecodeRGBInto(bytes.data(), bytes.size(), rgb.data(), rgb.size(), features.width * 3);
    }
    if (decoded == nullptr) fail(ErrorCode::corrupt_data, "{}: damaged WebP: the pixels cannot be read", origin);
    for (int y = 0; features.has_alpha != 0 && y < features.height; ++y) {
        composite_on_white(rgba.data() + std::size_t(y) * std::size_t(features.width) * 4, result.image.pixel(y, 0),
                           features.width);
    }
    return result;
}

}  // namespace vglaw::codecs
