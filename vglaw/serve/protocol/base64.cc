#include "vglaw/serve/protocol/base64.h"

#include <array>

#include "vglaw/serve/protocol/http_message.h"

namespace vglaw::serve {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t not_a_digit = 64;

constexpr std::array<std::uint8_t, 256> digits = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(not_a_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i) values[static_cast<unsigned char>(alphabet[i])] = std::uint8_t(i);
    return values;
}();

}  // namespace

std::string to_base64(std::span<const std::uint8_t> bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t left = bytes.size() - i;
        const unsigned word = unsigned(bytes[i]) << 16 | (left > 1 ? unsigned(bytes[i + 1]) << 8 : 0) |
                              (left > 2 ? unsigned(bytes[i + 2]) : 0);
        out += alphabet[word >> 18];
        out += alphabet[word >> 12 & 63];
        out += left > 1 ? alphabet[word >> 6 & 63] : '=';
        out += left > 2 ? alphabet[word & 63] : '=';
    }
    return out;
}

std::string from_base64(std::string_view text) {
    std::string out;
    out.reserve(text.size() / 4 * 3 + 3);
    unsigned word = 0;
    int held = 0, padding = 0;  // digits in word; "=" seen
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\r' || c == '\n') continue;
        if (c == '=') {
            ++padding;
            continue;
        }
        const std::uint8_t digit = digits[static_cast<unsigned char>(c)];
        if (digit == not_a_digit || padding > 0)
            refuse(400, "bad_base64", "the base64 text has a wrong character at byte {}", i);
        word = word << 6 | digit;
        if (++held < 4) continue;
        out += char(word >> 16 & 255);
        out += char(word >> 8 & 255);
        out += char(word & 255);
        word = 0;
        held = 0;
    }
    if (held == 1 || padding > 2) refuse(400, "bad_base64", "the base64 text ends in the middle of a byte");
    if (held >= 2) out += char(word >> (6 * held - 8) & 255);
    if (held == 3) out += char(word >> 2 & 255);
    return out;
}

}  // namespace vglaw::serve
