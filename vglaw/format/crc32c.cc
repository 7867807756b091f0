#include "vglaw/format/crc32c.h"

#include <array>

namespace vglaw {
namespace {

/// The polynomial 0x1EDC6F41 with its bits reversed, a byte at a time: a few hundred bytes a log line need no more.
constexpr std::array<std::uint32_t, 256> make_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78U : 0U);
        table[byte] = crc;
    }
    return table;
}

constexpr auto table = make_table();

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char c : bytes) crc = (crc >> 8) ^ table[(crc ^ std::uint8_t(c)) & 0xFFU];
    return ~crc;
}

}  // namespace vglaw
