// A caption with several phrases to ground, marked by square brackets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vglaw/text/tokenizer.h"

namespace vglaw {

/// "a man with [a red hat] beside [the dog]": the words without the marks, and which of them are phrases.
struct Caption {
    /// Words between two marks; a mark ends a word.
    struct Segment {
        std::string text;
        int phrase = -1;  ///< index of the phrase that this is, -1: context
    };
    std::vector<Segment> segments;
    std::vector<std::string> phrases;  ///< in order, without surrounding blanks
};

/// Throws invalid_argument, quoting the place: a bracket without its partner, a phrase inside a phrase, a phrase
/// without words, a caption without phrases.
[[nodiscard]] Caption parse_caption(std::string_view marked);

struct EncodedCaption {
    std::vector<std::int64_t> ids;                 ///< (L): [CLS] pieces [SEP], cut to max_tokens
    std::vector<std::vector<std::uint8_t>> spans;  ///< one (L) a phrase, 1 at its pieces; all 0 when it was cut away
};

/// Segment by segment, as Tokenizer::encode does the whole. Throws what that throws.
[[nodiscard]] EncodedCaption encode_caption(const Tokenizer& tokenizer, const Caption& caption, int max_tokens);

/// Whether phrase `index` is read to its end: neither cut away nor cut in two.
[[nodiscard]] bool reads_phrase(const Tokenizer& tokenizer, const Caption& caption, const EncodedCaption& encoded,
                                std::size_t index);

}  // namespace vglaw
