#include "vglaw/image/decode.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"
#include "vglaw/image/codecs.h"
#include "vglaw/image/exif.h"

namespace vglaw {
namespace codecs {

void check_size(std::int64_t width, std::int64_t height, std::int64_t max_pixels, const std::string& origin) {
    if (width < 1 || height < 1) fail(ErrorCode::corrupt_data, "{} claims to be {} x {} pixels", origin, width, height);
    if (width > max_pixels / height) {
        fail(ErrorCode::unsupported, "{} is {} x {} pixels, more than the limit of {}; scale it down first", origin,
             width, height, max_pixels);
    }
}

}  // namespace codecs

namespace {

bool has_bytes(std::span<const std::uint8_t> bytes, std::size_t at, std::string_view magic) {
    return bytes.size() >= at + magic.size() &&
           std::equal(magic.begin(), magic.end(), bytes.begin() + std::ptrdiff_t(at),
                      [](char expected, std::uint8_t found) { return std::uint8_t(expected) == found; });
}

codecs::Decoded read(std::span<const std::uint8_t> bytes, const std::string& origin, const DecodeOptions& options) {
    const std::int64_t max_pixels = options.max_pixels;
    if (bytes.empty()) fail(ErrorCode::corrupt_data, "{} is empty (0 bytes)", origin);
    if (has_bytes(bytes, 0, "\xff\xd8\xff")) return codecs::read_jpeg(bytes, origin, max_pixels);
    if (has_bytes(bytes, 0, "\x89PNG\r\n\x1a\n")) return codecs::read_png(bytes, origin, max_pixels, options.labels);
    if (has_bytes(bytes, 0, "RIFF") && has_bytes(bytes, 8, "WEBP")) {
        return codecs::read_webp(bytes, origin, max_pixels);
    }
    fail(ErrorCode::unsupported, "{} is not a JPEG, PNG or WebP image", origin);
}

}  // namespace

Image decode_image(std::span<const std::uint8_t> bytes, const std::string& origin, const DecodeOptions& options) {
    codecs::Decoded decoded = read(bytes, origin, options);
    if (!options.apply_exif) return std::move(decoded.image);
    return apply_orientation(std::move(decoded.image), decoded.orientation);
}

Image load_image(const std::filesystem::path& path, const DecodeOptions& options) {
    return decode_image(read_file(path, options.max_file_bytes), path.string(), options);
}

}  // namespace vglaw
