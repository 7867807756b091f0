#include "vglaw/serve/bearer_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/refusal.h"
#include "vglaw/core/files.h"

namespace vglaw::serve {
namespace {

using testing::HasSubstr;

class BearerTokensTest : public testing::Test {
protected:
    ~BearerTokensTest() override { std::filesystem::remove(path_); }
    BearerTokens tokens(const std::string& text) {
        write_text(path_, text);
        return BearerTokens(path_);
    }
    std::filesystem::path path_ =
        std::filesystem::temp_directory_path() / ("vglaw-tokens-test-" + std::to_string(::getpid()));
};

TEST_F(BearerTokensTest, AcceptsTheTokensOfTheFileAndNoOthers) {
    const auto known = tokens("# a remark\nfirst\r\n\nsecond");
    EXPECT_TRUE(known.required());
    EXPECT_TRUE(known.accepts("Bearer first"));
    EXPECT_TRUE(known.accepts("bearer second"));
    for (const char* wrong : {"", "Bearer", "Bearer ", "first", "Basic first", "Bearer firs", "Bearer firstx", "Bearer  first",
                              "Bearer First", "Bearer # a remark", "Bearer firstsecond"})
        EXPECT_FALSE(known.accepts(wrong)) << wrong;
}

TEST_F(BearerTokensTest, TellsLengthsApartThatDifferByZeros) {
    const auto known = tokens("abc");
    EXPECT_FALSE(known.accepts(std::string("Bearer abc\0", 11)));
    EXPECT_FALSE(known.accepts("Bearer " + std::string(256, 'a')));
    EXPECT_FALSE(known.accepts("Bearer " + std::string(100'000, 'a')));
    const std::string longest(256, 'z');
    EXPECT_TRUE(tokens(longest).accepts("Bearer " + longest));
}

TEST_F(BearerTokensTest, NeedsUsableTokens) {
    EXPECT_THROW(tokens(""), Error);
    EXPECT_THROW(tokens("# only a remark\n"), Error);
    EXPECT_THROW(tokens("two words\n"), Error);
    EXPECT_THROW(tokens(std::string(257, 'a')), Error);
    EXPECT_THROW(BearerTokens("/no/such/file"), Error);
}

TEST(BearerTokens, AskNobodyWithoutAFile) { EXPECT_FALSE(BearerTokens().required()); }

}  // namespace
}  // namespace vglaw::serve
