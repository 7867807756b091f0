#include "vglaw/text/utf8.h"

#include <cstddef>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

/// Length of the sequence that starts with `lead`, 0 for a byte that cannot start one.
std::size_t sequence_length(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return 2;
    if (lead >= 0xE0 && lead <= 0xEF) return 3;
    if (lead >= 0xF0 && lead <= 0xF4) return 4;
    return 0;
}

}  // namespace

std::u32string decode_utf8(std::string_view text) {
    constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    std::u32string points;
    points.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t length = sequence_length(lead);
        bool valid = length != 0 && length <= text.size() - at;
        char32_t point = length <= 1 ? lead : lead & (0xFFu >> (length + 1));
        for (std::size_t i = 1; valid && i < length; ++i) {
            const auto byte = static_cast<unsigned char>(text[at + i]);
            valid = (byte & 0xC0) == 0x80;
            point = (point << 6) | (byte & 0x3F);
        }
        const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
        if (!valid || point < smallest[length] || point > 0x10FFFF || surrogate) {
            fail(ErrorCode::invalid_argument, "text is not valid UTF-8 at byte {} (0x{:02X}); save or send it as UTF-8",
                 at, lead);
        }
        points.push_back(point);
        at += length;
    }
    return points;
}

void append_utf8(std::string& text, char32_t code_point) {
    const auto put = [&](char32_t bits) { text.push_back(static_cast<char>(bits)); };
    if (code_point < 0x80) {
        put(code_point);
    } else if (code_point < 0x800) {
        put(0xC0 | (code_point >> 6));
        put(0x80 | (code_point & 0x3F));
    } else if (code_point < 0x10000) {
        put(0xE0 | (code_point >> 12));
        put(0x80 | ((code_point >> 6) & 0x3F));
        put(0x80 | (code_point & 0x3F));
    } else {
        put(0xF0 | (code_point >> 18));
        put(0x80 | ((code_point >> 12) & 0x3F));
        put(0x80 | ((code_point >> 6) & 0x3F));
        put(0x80 | (code_point & 0x3F));
    }
}

}  // namespace vglaw
