// UTF-8 to code points and back; strict, because the text comes from users.
#pragma once

#include <string>
#include <string_view>

namespace vglaw {

/// The code points of `text`. Throws invalid_argument naming the byte offset of the first byte of a malformed,
/// overlong, surrogate or out-of-range sequence (the Unicode standard, table 3-7). NUL is an ordinary character.
[[nodiscard]] std::u32string decode_utf8(std::string_view text);

/// Appends one code point, which must be a Unicode scalar value.
void append_utf8(std::string& text, char32_t code_point);

}  // namespace vglaw
