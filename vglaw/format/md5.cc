#include "vglaw/format/md5.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>

namespace vglaw {
namespace {

/// floor(2^32 |sin(i + 1)|), as RFC 1321 defines its table.
std::array<std::uint32_t, 64> sine_table() {
    std::array<std::uint32_t, 64> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        table[i] = std::uint32_t(std::floor(std::abs(std::sin(double(i + 1))) * 0x1p32));
    }
    return table;
}

class Digest {
public:
    void block(const std::uint8_t* bytes) {
        constexpr int turns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
        std::array<std::uint32_t, 16> words{};
        for (std::size_t i = 0; i < 16; ++i) {
            for (std::size_t j = 4; j-- > 0;) words[i] = (words[i] << 8) | bytes[4 * i + j];
        }
        auto [a, b, c, d] = state_;
        for (std::size_t i = 0; i < 64; ++i) {
            const std::size_t round = i / 16;
            const std::uint32_t mixed = round == 0   ? (b & c) | (~b & d)
                                        : round == 1 ? (d & b) | (~d & c)
                                        : round == 2 ? b ^ c ^ d
                                                     : c ^ (b | ~d);
            const std::size_t word = round == 0   ? i
                                     : round == 1 ? (5 * i + 1) % 16
                                     : round == 2 ? (3 * i + 5) % 16
                                                  : 7 * i % 16;
            const std::uint32_t sum = a + mixed + sines_[i] + words[word];
            a = d;
            d = c;
            c = b;
            b += std::rotl(sum, turns[round][i % 4]);
        }
        state_[0] += a;
        state_[1] += b;
        state_[2] += c;
        state_[3] += d;
    }

    [[nodiscard]] std::string hex() const {
        std::string text;
        for (const std::uint32_t word : state_) {
            for (int shift = 0; shift < 32; shift += 8) text += fmt::format("{:02x}", (word >> shift) & 0xffu);
        }
        return text;
    }

private:
    std::array<std::uint32_t, 64> sines_ = sine_table();
    std::array<std::uint32_t, 4> state_{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
};

}  // namespace

std::string md5_hex(std::span<const std::uint8_t> bytes) {
    Digest digest;
    std::size_t at = 0;
    for (; bytes.size() - at >= 64; at += 64) digest.block(bytes.data() + at);
    // The rest, a one bit, zeros, and the length in bits.
    std::array<std::uint8_t, 128> tail{};
    const std::size_t rest = bytes.size() - at, padded = rest < 56 ? 64 : 128;
    if (rest > 0) std::memcpy(tail.data(), bytes.data() + at, rest);
    tail[rest] = 0x80;
    const std::uint64_t bits = std::uint64_t(bytes.size()) * 8;
    for (std::size_t i = 0; i < 8; ++i) tail[padded - 8 + i] = std::uint8_t(bits >> (8 * i));
    for (std::size_t i = 0; i < padded; i += 64) digest.block(tail.data() + i);
    return digest.hex();
}

}  // namespace vglaw
