#include "vglaw/format/pickle_text.h"

#include <charconv>
#include <cstdint>

#include "vglaw/format/utf8.h"

namespace vglaw {
namespace {

/// Exactly `digits` hexadecimal digits at `at`; moves behind them.
bool read_hex(std::string_view text, std::size_t& at, std::size_t digits, std::uint32_t& value) {
    if (digits > text.size() - at) return false;
    const char* const first = text.data() + at;
    const auto [end, error] = std::from_chars(first, first + digits, value, 16);
    at += digits;
    return error == std::errc{} && end == first + digits;
}

}  // namespace

bool unfold_python_repr(std::string_view repr, std::string& unfolded, std::string_view& view) {
    if (repr.size() < 2 || repr.front() != repr.back() || (repr.front() != '\'' && repr.front() != '"')) return false;
    const std::string_view inner = repr.substr(1, repr.size() - 2);
    if (inner.find('\\') == std::string_view::npos) {
        view = inner;
        return true;
    }
    unfolded.clear();
    for (std::size_t i = 0; i < inner.size();) {
        const char letter = inner[i++];
        if (letter != '\\') {
            unfolded += letter;
            continue;
        }
        if (i == inner.size()) return false;
        const char escape = inner[i++];
        std::uint32_t code = 0;
        switch (escape) {
            case '\\':
            case '\'':
            case '"':
                unfolded += escape;
                break;
            case 'n':
                unfolded += '\n';
                break;
            case 'r':
                unfolded += '\r';
                break;
            case 't':
                unfolded += '\t';
                break;
            case 'a':
                unfolded += '\a';
                break;
            case 'b':
                unfolded += '\b';
                break;
            case 'f':
                unfolded += '\f';
                break;
            case 'v':
                unfolded += '\v';
                break;
            case 'x':
                if (!read_hex(inner, i, 2, code)) return false;
                unfolded += char(code);
                break;
            case '0':
            case '1':
            case '2':
            case '3':
            case '4':
            case '5':
            case '6':
            case '7':
                code = std::uint32_t(escape - '0');
                for (int k = 0; k < 2 && i < inner.size() && inner[i] >= '0' && inner[i] <= '7'; ++k) {
                    code = code * 8 + std::uint32_t(inner[i++] - '0');
                }
                unfolded += char(code & 0xff);
                break;
            default:  // Python keeps the backslash of an escape it does not know
                unfolded += '\\';
                unfolded += escape;
        }
    }
    view = unfolded;
    return true;
}

bool unfold_raw_unicode(std::string_view raw, std::string& unfolded, std::string_view& view) {
    if (raw.find('\\') == std::string_view::npos && is_ascii(raw)) {
        view = raw;
        return true;
    }
    unfolded.clear();
    for (std::size_t i = 0; i < raw.size();) {
        std::uint32_t code = static_cast<unsigned char>(raw[i++]);
        if (code == '\\' && i < raw.size()) {
            const char escape = raw[i];
            if (escape == 'u' || escape == 'U') {
                ++i;
                if (!read_hex(raw, i, escape == 'u' ? 4 : 8, code)) return false;
                // A narrow Python 2 wrote characters beyond the basic plane as two surrogates.
                if (code >= 0xd800 && code < 0xdc00 && raw.substr(i, 2) == "\\u") {
                    std::size_t behind = i + 2;
                    std::uint32_t low = 0;
                    if (!read_hex(raw, behind, 4, low) || low < 0xdc00 || low > 0xdfff) return false;
                    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                    i = behind;
                }
            } else {  // a backslash takes the next character with it, so that \\u0041 is not an escape
                unfolded += '\\';
                code = static_cast<unsigned char>(raw[i++]);
            }
        }
        if (!append_utf8(unfolded, code)) return false;
    }
    view = unfolded;
    return true;
}

}  // namespace vglaw
