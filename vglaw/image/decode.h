// JPEG, PNG and WebP bytes -> RGB pixels. The bytes come from strangers: sizes are bounded before anything is
// allocated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "vglaw/image/image.h"

namespace vglaw {

struct DecodeOptions {
    /// Turn the picture as its EXIF orientation says. Readers of annotated data sets switch this off: their boxes and
    /// masks are in the orientation of the stored pixels.
    bool apply_exif = true;
    std::int64_t max_pixels = 100'000'000;              ///< width x height, checked from the header
    std::size_t max_file_bytes = std::size_t{1} << 29;  ///< load_image only
    /// The picture says what each pixel is, as masks do: a PNG's pixel becomes white when any channel of it is not 0,
    /// be it 1 of 65535, and black when it is transparent.
    bool labels = false;
};

/// Decodes a picture; the format is sniffed from the first bytes, never from a name. Gray and palette become RGB, CMYK
/// and YCCK too (stored inverted, as Adobe writes them), 16-bit channels keep their high byte, transparent pixels are
/// composited on white.
/// `origin` names the bytes in messages: a path, "request body", ... Throws unsupported (another format, animated WebP,
/// more than max_pixels) and corrupt_data (empty, truncated, damaged).
[[nodiscard]] Image decode_image(std::span<const std::uint8_t> bytes, const std::string& origin,
                                 const DecodeOptions& options = {});

/// Reads and decodes a file. Throws as decode_image does, and not_found / io.
[[nodiscard]] Image load_image(const std::filesystem::path& path, const DecodeOptions& options = {});

}  // namespace vglaw
