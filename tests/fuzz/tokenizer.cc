// BERT's tokenizer: an expression is whatever somebody typed.
#include "vglaw/text/tokenizer.h"

#include "tests/fuzz/contract.h"
#include "tests/fuzz/input_bytes.h"
#include "vglaw/core/files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vglaw;
    static const Tokenizer tokenizer(Vocabulary::parse(read_text(VGLAW_SOURCE_DIR "/tests/golden/text/vocab.txt")));
    fuzz::InputBytes input(data, size);
    const int max_tokens = 2 + input.take<std::uint8_t>();
    fuzz::read_or_refuse([&] {
        const auto pieces = tokenizer.tokenize(input.text());
        const auto ids = tokenizer.encode(input.text(), max_tokens);
        fuzz::require(ids.size() == std::min(pieces.size() + 2, std::size_t(max_tokens)), "ids are the pieces, cut");
        for (std::size_t i = 0; i + 2 < ids.size(); ++i) {
            fuzz::require(tokenizer.vocabulary().piece(ids[i + 1]) == pieces[i], "an id is its piece");
            // Text is only ever text: it cannot forge the end of a sentence.
            fuzz::require(pieces[i] != "[SEP]" && pieces[i] != "[CLS]" && pieces[i] != "[PAD]",
                          "no expression makes a special token");
        }
    });
    return 0;
}
