// BERT's tokenizer (uncased WordPiece), equal to Hugging Face's BertTokenizer (formats.md section 4.1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vglaw/text/vocabulary.h"

namespace vglaw {

/// The reference is the package `tokenizers` 0.23 (BertWordPieceTokenizer: clean_text, handle_chinese_chars,
/// strip_accents, lowercase), character by character, whatever Unicode version the installed utf8proc has. One
/// difference is deliberate: text is only ever text. Hugging Face turns a literal "[SEP]" or "[MASK]" that a user types
/// into the special token; here it is "[", "sep", "]" (their encode_special_tokens=True), so no expression can forge
/// the end of a sentence.
///
///     const Tokenizer tokenizer(Vocabulary::parse(read_text("vocab.txt")));
///     const auto ids = tokenizer.encode("the man on the left", 40);  // [CLS] ... [SEP]
///
/// Immutable, so threads may share one.
class Tokenizer {
public:
    /// The vocabulary must hold [PAD], [UNK], [CLS] and [SEP]; throws invalid_argument otherwise.
    explicit Tokenizer(Vocabulary vocabulary);

    /// The word pieces of `text`, without [CLS] and [SEP]. Invalid UTF-8 throws invalid_argument.
    [[nodiscard]] std::vector<std::string> tokenize(std::string_view text) const;
    /// [CLS] pieces [SEP], cut to at most max_tokens ids in all (max_tokens >= 2); the cut keeps [SEP]. Not padded.
    [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text, int max_tokens) const;
    [[nodiscard]] const Vocabulary& vocabulary() const { return vocabulary_; }
    /// What a batch is padded with.
    [[nodiscard]] std::int64_t pad_id() const { return pad_; }

private:
    Vocabulary vocabulary_;
    std::int64_t pad_, unknown_, start_, end_;
};

}  // namespace vglaw
