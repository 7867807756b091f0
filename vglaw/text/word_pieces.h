// The second half of BERT's tokenizer: one word to the ids of its pieces.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "vglaw/text/vocabulary.h"

namespace vglaw {

/// A longer word is [UNK] as a whole, counted in characters (code points).
inline constexpr std::size_t kLongestWord = 100;

/// Appends the pieces of `word` (valid UTF-8, not empty), greedily the longest first; pieces after the first carry
/// "##". Returns false and appends nothing where the word is too long or any part of it has no piece.
bool append_word_pieces(const Vocabulary& vocabulary, std::string_view word, std::vector<std::int64_t>& ids);

}  // namespace vglaw
