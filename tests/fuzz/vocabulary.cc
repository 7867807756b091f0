// vocab.txt, and the vocabulary inside model files.
#include "vglaw/text/vocabulary.h"

#include "tests/fuzz/contract.h"
#include "tests/fuzz/input_bytes.h"
#include "vglaw/text/tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vglaw;
    const fuzz::InputBytes input(data, size);
    fuzz::read_or_refuse([&] {
        const Vocabulary vocabulary = Vocabulary::parse(input.text());
        for (std::int64_t id = 0; id < std::int64_t(vocabulary.size()); ++id) {
            fuzz::require(vocabulary.find(vocabulary.piece(id)) == id, "a piece is found under its id");
        }
        fuzz::require(Vocabulary::parse(vocabulary.join()).join() == vocabulary.join(), "join is parse's inverse");
        fuzz::read_or_refuse([&] { (void)Tokenizer(vocabulary).encode("the man on the left", 40); });
    });
    return 0;
}
