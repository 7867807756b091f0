// CRC-32C (Castagnoli), the checksum of TFRecord files; zlib's CRC-32 is another polynomial.
#pragma once

#include <cstdint>
#include <string_view>

namespace vglaw {

[[nodiscard]] std::uint32_t crc32c(std::string_view bytes);

}  // namespace vglaw
