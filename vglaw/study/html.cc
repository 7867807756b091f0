#include "vglaw/study/html.h"

#include <fmt/format.h>

#include "vglaw/format/utf8.h"

namespace vglaw {

std::string escape_html(std::string_view text) {
    const bool valid = is_utf8(text);
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
                    out += ' ';
                } else if (!valid && static_cast<unsigned char>(c) >= 0x80) {
                    out += "\xEF\xBF\xBD";
                } else {
                    out += c;
                }
        }
    }
    return out;
}

std::string html_table(const std::string& caption, const TextTable& table) {
    const auto cell_class = [&](std::size_t column) { return column < table.left_columns ? "" : " class=\"n\""; };
    // Focusable, so that who has no mouse can scroll it too.
    std::string out = fmt::format(
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
        "aria-label=\"{0}\"><table><caption>{0}</caption><thead><tr>",
        escape_html(caption));
    for (std::size_t i = 0; i < table.header.size(); ++i) {
        out += fmt::format("<th scope=\"col\"{}>{}</th>", cell_class(i), escape_html(table.header[i]));
    }
    out += "</tr></thead><tbody>";
    for (const auto& row : table.rows) {
        out += "\n<tr>";
        for (std::size_t i = 0; i < row.size(); ++i) {
            const char* element = i == 0 ? "th" : "td";
            out += fmt::format("<{}{}{}>{}</{}>", element, i == 0 ? " scope=\"row\"" : "", cell_class(i),
                               escape_html(row[i]), element);
        }
        out += "</tr>";
    }
    return out + "\n</tbody></table></div>\n";
}

std::string base64(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = bytes.size() - i < 3 ? bytes.size() - i : 3;
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k) group = group << 8U | (k < count ? bytes[i + k] : 0U);
        for (std::size_t k = 0; k < 4; ++k) out += k <= count ? digits[group >> (18 - 6 * k) & 63U] : '=';
    }
    return out;
}

}  // namespace vglaw
