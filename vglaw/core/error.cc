#include "vglaw/core/error.h"

#include <iterator>
#include <string_view>

namespace vglaw {
namespace {

// C0, DEL, and C1 in UTF-8, whose U+009B starts an escape sequence on some terminals.
std::size_t control_bytes(std::string_view text, std::size_t at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x20 || byte == 0x7F) return 1;
    if (byte != 0xC2 || at + 1 == text.size()) return 0;
    const auto next = static_cast<unsigned char>(text[at + 1]);
    return next >= 0x80 && next < 0xA0 ? 2 : 0;
}

std::string one_line(std::string_view text) {
    std::string line;
    line.reserve(text.size() < kLongestMessage ? text.size() : kLongestMessage);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t control = control_bytes(text, at);
        const std::size_t end = at + (control > 0 ? control : 1);
        // Cut before a character, not inside it.
        const bool starts = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80;
        if (line.size() + 12 > kLongestMessage && (starts || line.size() + 4 > kLongestMessage)) return line + "...";
        for (; at < end; ++at) {
            if (control > 0) {
                fmt::format_to(std::back_inserter(line), "\\x{:02X}", static_cast<unsigned char>(text[at]));
            } else {
                line += text[at];
            }
        }
    }
    return line;
}

}  // namespace

Error::Error(ErrorCode code, const std::string& message) : std::runtime_error(one_line(message)), code_(code) {}

}  // namespace vglaw
