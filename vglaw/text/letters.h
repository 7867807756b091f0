// What a character database says of one character, by utf8proc (letters_unicode.cc) or, in a minimal build that reads
// generated expressions only, for ASCII (letters_ascii.cc).
#pragma once

#include <string>

namespace vglaw::letters {

/// Canonical combining class; 0 for a character that keeps its place.
[[nodiscard]] int combining_class(char32_t c);
/// Appends the full canonical decomposition of `c`, marks not yet ordered.
void append_decomposition(char32_t c, std::u32string& out);
/// The single-character lower case.
[[nodiscard]] char32_t lower_case(char32_t c);

}  // namespace vglaw::letters
