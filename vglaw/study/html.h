// Pieces of an HTML page.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "vglaw/evaluate/text_table.h"

namespace vglaw {

/// For text and for attributes in double quotes. Bytes that are not UTF-8 become U+FFFD, control characters spaces:
/// what stands in other people's files must not end an element.
[[nodiscard]] std::string escape_html(std::string_view text);

/// A table that scrolls sideways inside itself where a page is too narrow for it. The cells are text, not HTML.
[[nodiscard]] std::string html_table(const std::string& caption, const TextTable& table);

[[nodiscard]] std::string base64(std::span<const std::uint8_t> bytes);

}  // namespace vglaw
