// Learns a small WordPiece vocabulary from a corpus, for models that do not start from BERT's weights.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "vglaw/text/vocabulary.h"

namespace vglaw {

/// A vocabulary of at most max_size pieces, with ids in this order:
///   1. [PAD] [UNK] [CLS] [SEP] [MASK], ids 0 to 4;
///   2. the alphabet: printable ASCII (lower case) and every character of the corpus, alone and as "##" continuation,
///   so that
///      no ASCII word and no word of the corpus (of at most 100 characters) becomes [UNK];
///   3. merged pieces, in the order in which joining the most frequent neighbours makes them (Sennrich et al. 2016,
///   section
///      3.2, the way Hugging Face's WordPieceTrainer works), as long as a pair occurs twice. A merged piece that the
///      longest-match tokenizer never picks on the corpus is left out: its embedding would never be trained.
/// The same corpus, in any order, gives the same vocabulary; ties go to the smaller text. Throws invalid_argument where
/// max_size is too small for the alphabet (the message says what it needs) or the corpus is not UTF-8.
[[nodiscard]] Vocabulary train_wordpiece(std::span<const std::string> corpus, std::size_t max_size);

}  // namespace vglaw
