// What a character is to BERT's tokenizer. The classes are Hugging Face's, frozen (character_tables.inc), not those of
// the installed Unicode library; canonical decomposition and lower case come from utf8proc, restricted to what the
// reference knows.
#pragma once

#include <string>

namespace vglaw {

[[nodiscard]] bool is_dropped(char32_t c);      ///< removed before anything else
[[nodiscard]] bool is_white_space(char32_t c);  ///< separates words
[[nodiscard]] bool is_ideograph(char32_t c);  ///< a word of its own (CJK); 2B820-2B91F are not, a slip of the reference
[[nodiscard]] bool is_punctuation(char32_t c);      ///< a word of its own
[[nodiscard]] bool is_nonspacing_mark(char32_t c);  ///< an accent, removed after decomposition

/// Canonical decomposition (NFD) of the whole text, marks in canonical order.
[[nodiscard]] std::u32string decompose(const std::u32string& text);
/// Lower case of one character, always one character: final sigma is not special, as in the reference.
[[nodiscard]] char32_t lower_case(char32_t c);

}  // namespace vglaw
