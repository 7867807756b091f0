#include "vglaw/text/caption.h"

#include <gmock/gmock.h>

#include "tests/unit/core/refusal.h"

namespace vglaw {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Tokenizer small_tokenizer() {
    return Tokenizer(Vocabulary({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "man", "with", "red", "hat", "##s", "dog",
                                 "beside", "the", "[", "]"}));
}

TEST(Caption, TakesTheMarkedPhrasesInOrder) {
    const Caption caption = parse_caption("a man with [a red hat] beside [ the dog ]");
    EXPECT_THAT(caption.phrases, ElementsAre("a red hat", "the dog"));
    ASSERT_EQ(caption.segments.size(), 4u);
    EXPECT_EQ(caption.segments[0].text, "a man with ");
    EXPECT_EQ(caption.segments[0].phrase, -1);
    EXPECT_EQ(caption.segments[3].phrase, 1);
}

TEST(Caption, MayBeOnePhraseAlone) {
    const Caption caption = parse_caption("[the dog]");
    EXPECT_THAT(caption.phrases, ElementsAre("the dog"));
    EXPECT_EQ(caption.segments.size(), 1u);
}

TEST(Caption, RefusesMarksThatDoNotPair) {
    const auto refused = [](const char* text) {
        return refusal(ErrorCode::invalid_argument, [&] { (void)parse_caption(text); });
    };
    EXPECT_THAT(refused("a man"), HasSubstr("marks no phrase"));
    EXPECT_THAT(refused(""), HasSubstr("marks no phrase"));
    EXPECT_THAT(refused("a [red hat"), HasSubstr("does not close the phrase \"red hat\""));
    EXPECT_THAT(refused("a red hat] beside"), HasSubstr("closes a phrase that was not opened, before \" beside\""));
    EXPECT_THAT(refused("a [red [hat]]"), HasSubstr("inside a phrase at \"[red"));
    EXPECT_THAT(refused("a [ ] hat"), HasSubstr("a phrase without words"));
}

TEST(EncodedCaption, IsTheTextWithoutItsMarks) {
    const Tokenizer tokenizer = small_tokenizer();
    const auto encoded = encode_caption(tokenizer, parse_caption("a man with [a red hats] beside [the dog]"), 40);
    EXPECT_EQ(encoded.ids, tokenizer.encode("a man with a red hats beside the dog", 40));
    ASSERT_EQ(encoded.spans.size(), 2u);
    // [CLS] a man with | a red hat ##s | beside | the dog | [SEP]
    EXPECT_THAT(encoded.spans[0], ElementsAre(0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0));
    EXPECT_THAT(encoded.spans[1], ElementsAre(0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0));
}

TEST(EncodedCaption, CutsAsTheTokenizerDoesAndSaysWhatIsGone) {
    const Tokenizer tokenizer = small_tokenizer();
    const auto caption = parse_caption("a man with [a red hat] beside [the dog]");
    for (int most = 2; most <= 12; ++most) {
        const auto encoded = encode_caption(tokenizer, caption, most);
        EXPECT_EQ(encoded.ids, tokenizer.encode("a man with a red hat beside the dog", most)) << most;
        for (const auto& span : encoded.spans) EXPECT_EQ(span.size(), encoded.ids.size());
    }
    EXPECT_THAT(encode_caption(tokenizer, caption, 8).spans[1], Each(0));
    EXPECT_THAT(encode_caption(tokenizer, caption, 8).spans[0], ElementsAre(0, 0, 0, 0, 1, 1, 1, 0));
    const auto read = [&](int most, std::size_t phrase) {
        return reads_phrase(tokenizer, caption, encode_caption(tokenizer, caption, most), phrase);
    };
    EXPECT_TRUE(read(12, 0) && read(12, 1) && read(8, 0));
    EXPECT_FALSE(read(7, 0));   // "a red"
    EXPECT_FALSE(read(8, 1));   // nothing
    EXPECT_FALSE(read(10, 1));  // "the"
}

}  // namespace
}  // namespace vglaw
