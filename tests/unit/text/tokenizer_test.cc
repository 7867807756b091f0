#include "vglaw/text/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"

namespace vglaw {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kGolden = std::string(VGLAW_SOURCE_DIR) + "/tests/golden/text/";

Tokenizer golden_tokenizer() { return Tokenizer(Vocabulary::parse(read_text(kGolden + "vocab.txt"))); }

Tokenizer small_tokenizer() {
    return Tokenizer(Vocabulary({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[", "]", "sep", "man", "##s", "left",
                                 "[unused1]", "un", "##used"}));
}

TEST(Tokenizer, GivesTheReferencesIdsForEveryGoldenString) {
    const Tokenizer tokenizer = golden_tokenizer();
    const std::string lines = read_text(kGolden + "tokenizer.jsonl");
    int count = 0, unknown = 0, mismatches = 0;
    for (std::size_t at = 0; at < lines.size();) {
        const std::size_t end = lines.find('\n', at);
        const auto record = nlohmann::json::parse(lines.substr(at, end - at));
        at = end + 1;
        const auto text = record[0].get<std::string>();
        const int max_tokens = record[1].get<int>();
        const auto expected = record[2].get<std::vector<std::int64_t>>();
        const auto ids = tokenizer.encode(text, max_tokens);
        if (ids != expected && ++mismatches <= 10) {
            ADD_FAILURE() << record.dump() << "\n  gave " << nlohmann::json(ids).dump();
        }
        if (static_cast<int>(ids.size()) < max_tokens) {  // uncut: tokenize() must say the same in words
            const auto pieces = tokenizer.tokenize(text);
            ASSERT_EQ(pieces.size() + 2, expected.size()) << record.dump();
            for (std::size_t i = 0; i < pieces.size(); ++i) {
                EXPECT_EQ(tokenizer.vocabulary().find(pieces[i]), expected[i + 1]) << record.dump();
            }
        }
        ++count;
        unknown += std::ranges::find(ids, 100) != ids.end();
    }
    EXPECT_EQ(mismatches, 0);
    EXPECT_GE(count, 2000);
    EXPECT_GT(unknown, 100) << "the goldens must exercise [UNK]";
    EXPECT_GT(count - unknown, 1000) << "the goldens must not be all [UNK]";
}

TEST(Tokenizer, WrapsTheEmptyTextInClsAndSep) {
    EXPECT_THAT(small_tokenizer().encode("", 40), ElementsAre(2, 3));
    EXPECT_THAT(small_tokenizer().tokenize(""), IsEmpty());
}

TEST(Tokenizer, KeepsSepWhereItCuts) {
    const Tokenizer tokenizer = small_tokenizer();
    EXPECT_THAT(tokenizer.encode("left mans left", 6), ElementsAre(2, 10, 8, 9, 10, 3));
    EXPECT_THAT(tokenizer.encode("left mans left", 5), ElementsAre(2, 10, 8, 9, 3));
    EXPECT_THAT(tokenizer.encode("left mans left", 4), ElementsAre(2, 10, 8, 3));
    EXPECT_THAT(tokenizer.encode("left mans left", 2), ElementsAre(2, 3));
}

TEST(Tokenizer, RefusesFewerThanTwoTokens) {
    for (const int max_tokens : {1, 0, -5}) {
        try {
            (void)small_tokenizer().encode("man", max_tokens);
            FAIL() << "accepted " << max_tokens;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
            EXPECT_THAT(error.what(), HasSubstr("max_tokens is " + std::to_string(max_tokens)));
        }
    }
}

TEST(Tokenizer, TreatsSpecialTokensInTheTextAsText) {
    const Tokenizer tokenizer = small_tokenizer();
    EXPECT_THAT(tokenizer.tokenize("[SEP] man"), ElementsAre("[", "sep", "]", "man"));
    EXPECT_THAT(tokenizer.encode("[PAD][MASK]", 40), ElementsAre(2, 5, 1, 6, 5, 1, 6, 3));
    EXPECT_THAT(tokenizer.tokenize("[unused1]"), ElementsAre("[", "[UNK]", "]"));
    EXPECT_THAT(tokenizer.tokenize("##s"), ElementsAre("[UNK]", "[UNK]", "[UNK]")) << "no continuation without a word";
}

TEST(Tokenizer, TurnsAWholeWordUnknownWhereAPartFails) {
    EXPECT_THAT(small_tokenizer().tokenize("mans manx left"), ElementsAre("man", "##s", "[UNK]", "left"));
}

TEST(Tokenizer, RefusesAVocabularyWithoutTheSpecials) {
    for (const std::string missing : {"[PAD]", "[UNK]", "[CLS]", "[SEP]"}) {
        std::vector<std::string> pieces{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "man"};
        std::erase(pieces, missing);
        try {
            const Tokenizer tokenizer{Vocabulary(pieces)};
            FAIL() << "accepted a vocabulary without " << missing;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
            EXPECT_THAT(error.what(), HasSubstr(missing));
        }
    }
}

TEST(Tokenizer, RefusesInvalidUtf8WithItsOffset) {
    for (const bool encode : {true, false}) {
        try {
            encode ? (void)small_tokenizer().encode("man \xFF", 40) : (void)small_tokenizer().tokenize("man \xFF");
            FAIL() << "accepted an invalid byte";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
            EXPECT_THAT(error.what(), HasSubstr("byte 4 (0xFF)"));
        }
    }
}

}  // namespace
}  // namespace vglaw
