#include "vglaw/text/vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

template <typename Action>
std::string refusal(Action action) {
    try {
        action();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
        return error.what();
    }
    return "accepted";
}

TEST(Vocabulary, NumbersPiecesByLine) {
    const auto vocabulary = Vocabulary::parse("[PAD]\nman\n##s\n");
    EXPECT_EQ(vocabulary.size(), 3u);
    EXPECT_EQ(vocabulary.find("man"), 1);
    EXPECT_EQ(vocabulary.find("ma"), std::nullopt);
    EXPECT_EQ(vocabulary.piece(2), "##s");
}

TEST(Vocabulary, ReadsBothLineEndsAndAMissingFinalOne) {
    for (const char* lines : {"a\nb", "a\nb\n", "a\r\nb\r\n", "a\r\nb"}) {
        const auto vocabulary = Vocabulary::parse(lines);
        EXPECT_EQ(vocabulary.join(), "a\nb\n") << lines;
    }
}

TEST(Vocabulary, JoinsToWhatItWasParsedFrom) {
    const std::string lines = "[PAD]\n\u2028\n中\n##é\n\u00a0\n";
    EXPECT_EQ(Vocabulary::parse(lines).join(), lines);
}

TEST(Vocabulary, NamesADuplicateAndItsLines) {
    EXPECT_THAT(refusal([] { (void)Vocabulary::parse("a\nman\nb\nman\n"); }),
                AllOf(HasSubstr("\"man\""), HasSubstr("lines 2 and 4")));
}

TEST(Vocabulary, RefusesWhatWouldShiftTheIds) {
    EXPECT_THAT(refusal([] { (void)Vocabulary::parse(""); }), HasSubstr("empty"));
    EXPECT_THAT(refusal([] { (void)Vocabulary(std::vector<std::string>{}); }), HasSubstr("empty"));
    EXPECT_THAT(refusal([] { (void)Vocabulary::parse("a\n\nb\n"); }), HasSubstr("line 2"));
    EXPECT_THAT(refusal([] { (void)Vocabulary::parse("a\nb\n\n"); }), HasSubstr("line 3"));
    EXPECT_THAT(refusal([] { (void)Vocabulary({"a", "b\nc"}); }), HasSubstr("line break"));
    EXPECT_THAT(refusal([] { (void)Vocabulary({"a", "b\r"}); }), HasSubstr("line break"));
}

TEST(Vocabulary, RefusesAPieceThatIsNotUtf8) {
    EXPECT_THAT(refusal([] { (void)Vocabulary::parse("a\nb\xE9\n"); }), AllOf(HasSubstr("line 2"), HasSubstr("UTF-8")));
}

TEST(Vocabulary, RefusesIdsOutOfRange) {
    const auto vocabulary = Vocabulary::parse("a\nb\n");
    EXPECT_THAT(refusal([&] { (void)vocabulary.piece(2); }), HasSubstr("ids 0 to 1"));
    EXPECT_THAT(refusal([&] { (void)vocabulary.piece(-1); }), HasSubstr("piece -1"));
}

}  // namespace
}  // namespace vglaw
