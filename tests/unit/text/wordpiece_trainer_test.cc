#include "vglaw/text/wordpiece_trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "vglaw/core/error.h"
#include "vglaw/core/rng.h"
#include "vglaw/text/tokenizer.h"

namespace vglaw {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> expressions(int count) {
    const std::vector<std::string> sizes{"small", "large", "tiny"}, colours{"red", "blue", "Yellow", "café-brown"},
        things{"circle", "square", "triangles", "中文", "star's", "ΔΕΛΤΑ"},
        places{"on the left", "at the top", "nearest"};
    Rng rng(7);
    std::vector<std::string> out;
    for (int i = 0; i < count; ++i) {
        out.push_back(rng.pick(sizes) + " " + rng.pick(colours) + " " + rng.pick(things) + " " + rng.pick(places));
    }
    return out;
}

TEST(TrainWordpiece, PutsTheSpecialsFirst) {
    const auto vocabulary = train_wordpiece(expressions(20), 400);
    const std::vector<std::string> specials{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
    for (std::size_t id = 0; id < specials.size(); ++id) {
        EXPECT_EQ(vocabulary.piece(static_cast<std::int64_t>(id)), specials[id]);
    }
}

TEST(TrainWordpiece, TokenizesItsCorpusAndAnyAsciiWordWithoutUnknown) {
    const auto corpus = expressions(50);
    for (const std::size_t size : {180u, 220u, 1000u}) {
        const Tokenizer tokenizer(train_wordpiece(corpus, size));
        for (const std::string& text : corpus) EXPECT_THAT(tokenizer.tokenize(text), Not(Contains("[UNK]"))) << text;
        std::string ascii;
        for (char c = ' '; c <= '~'; ++c) ascii.append(1, c).append("qZ9x").append(1, c).append(" ");
        EXPECT_THAT(tokenizer.tokenize(ascii), Not(Contains("[UNK]")));
    }
}

TEST(TrainWordpiece, MakesFrequentWordsOnePieceWhereThereIsRoom) {
    const Tokenizer tokenizer(train_wordpiece(expressions(200), 1000));
    EXPECT_THAT(tokenizer.tokenize("Large yellow triangles nearest"),
                ElementsAre("large", "yellow", "triangles", "nearest"));
}

TEST(TrainWordpiece, FollowsTheMostFrequentPairAndBreaksTiesByText) {
    // "ab" occurs 3 times, "cd" and "ef" twice each, "gh" once (too rare to learn); the last three ids tell the order.
    const std::vector<std::string> corpus{"ab ab ab ef cd ef cd gh"};
    const auto vocabulary = train_wordpiece(corpus, 1000);
    const auto last = static_cast<std::int64_t>(vocabulary.size()) - 1;
    EXPECT_EQ(vocabulary.piece(last - 2), "ab");
    EXPECT_EQ(vocabulary.piece(last - 1), "cd");
    EXPECT_EQ(vocabulary.piece(last), "ef");
    EXPECT_EQ(vocabulary.find("gh"), std::nullopt);
}

TEST(TrainWordpiece, KeepsOnlyMergedPiecesThatTheTokenizerUses) {
    const auto corpus = expressions(200);
    const Tokenizer tokenizer(train_wordpiece(corpus, 1000));
    std::set<std::string> used;
    for (const std::string& text : corpus) {
        for (const std::string& piece : tokenizer.tokenize(text)) used.insert(piece);
    }
    int merged = 0;
    for (std::size_t id = 5; id < tokenizer.vocabulary().size(); ++id) {
        const std::string& piece = tokenizer.vocabulary().piece(static_cast<std::int64_t>(id));
        const std::string bare = piece.starts_with("##") ? piece.substr(2) : piece;
        const auto characters = std::ranges::count_if(bare, [](unsigned char byte) { return (byte & 0xC0) != 0x80; });
        if (characters < 2) continue;
        ++merged;
        EXPECT_TRUE(used.contains(piece)) << piece;
    }
    EXPECT_GE(merged, 15);
}

TEST(TrainWordpiece, IsTheSameForTheSameCorpusInAnyOrder) {
    auto corpus = expressions(100);
    const std::string first = train_wordpiece(corpus, 200).join();
    EXPECT_EQ(train_wordpiece(corpus, 200).join(), first);
    Rng(3).shuffle(corpus);
    EXPECT_EQ(train_wordpiece(corpus, 200).join(), first);
}

TEST(TrainWordpiece, NeverExceedsTheSizeAndFillsItWhenThereIsEnoughToLearn) {
    const auto corpus = expressions(100);
    const std::size_t everything = train_wordpiece(corpus, 5000).size();
    const std::size_t alphabet = train_wordpiece(std::vector<std::string>{}, 5000).size();
    EXPECT_EQ(alphabet, 5u + 26 + 10 + 32 + 36) << "specials, letters, digits, punctuation, continuations";
    for (std::size_t size = everything - 8; size < everything; ++size) {
        const std::size_t got = train_wordpiece(corpus, size).size();
        EXPECT_LE(got, size);
        EXPECT_GE(got + 2, size) << "a merge may replace one used piece by several, or by none";
    }
}

TEST(TrainWordpiece, RefusesASizeBelowTheAlphabetAndSaysWhatItNeeds) {
    try {
        (void)train_wordpiece(std::vector<std::string>{"man é 中"}, 50);
        FAIL() << "accepted 50";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
        EXPECT_THAT(error.what(), HasSubstr("110"));
    }
    EXPECT_EQ(train_wordpiece(std::vector<std::string>{"man é 中"}, 110).size(), 110u);
}

TEST(TrainWordpiece, IgnoresWordsTheTokenizerRefusesAsTooLong) {
    const std::vector<std::string> corpus(4, std::string(101, 'a') + " man");
    const auto vocabulary = train_wordpiece(corpus, 1000);
    EXPECT_TRUE(vocabulary.find("man"));
    EXPECT_FALSE(vocabulary.find("aa"));
}

}  // namespace
}  // namespace vglaw
