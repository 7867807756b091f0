// The first half of BERT's tokenizer: text to cleaned, lower-cased words without accents (Devlin et al. 2019;
// formats.md 4.1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vglaw {

/// The words of `text`: cleaned, decomposed (NFD), accents removed, lower-cased, split at white space; every
/// punctuation character and every CJK ideograph is a word of its own. Invalid UTF-8 throws invalid_argument with the
/// byte offset.
[[nodiscard]] std::vector<std::string> split_words(std::string_view text);

}  // namespace vglaw
