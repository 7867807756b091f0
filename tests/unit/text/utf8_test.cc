#include "vglaw/text/utf8.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

TEST(Utf8, RoundTripsEveryScalarValue) {
    std::u32string points;
    std::string text;
    for (char32_t c = 0; c < 0x110000; ++c) {
        if (c >= 0xD800 && c <= 0xDFFF) continue;
        points.push_back(c);
        append_utf8(text, c);
    }
    EXPECT_TRUE(decode_utf8(text) == points);
    EXPECT_EQ(text.substr(0, 1), std::string(1, '\0'));
}

struct Malformed {
    const char* what;
    std::string text;
    int offset;
};

class Utf8Malformed : public ::testing::TestWithParam<Malformed> {};

TEST_P(Utf8Malformed, IsRefusedWithTheByteOffset) {
    try {
        (void)decode_utf8(GetParam().text);
        FAIL() << "accepted " << GetParam().what;
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
        EXPECT_THAT(error.what(), ::testing::HasSubstr("at byte " + std::to_string(GetParam().offset) + " "));
    }
}

INSTANTIATE_TEST_SUITE_P(Text, Utf8Malformed,
                         ::testing::Values(Malformed{"a lone continuation", "ab\x80", 2},
                                           Malformed{"a Latin-1 letter", "caf\xE9 ", 3},
                                           Malformed{"a truncated sequence", "é\xE2\x82", 2},
                                           Malformed{"a truncated sequence of four", "\xF0\x9F\x98", 0},
                                           Malformed{"an overlong slash", "\xC0\xAF", 0},
                                           Malformed{"an overlong sequence of three", "\xE0\x80\xAF", 0},
                                           Malformed{"an overlong sequence of four", "\xF0\x80\x80\xAF", 0},
                                           Malformed{"a surrogate", "a\xED\xA0\x80", 1},
                                           Malformed{"a point beyond 10FFFF", "abc\xF4\x90\x80\x80", 3},
                                           Malformed{"a lead byte that never occurs", "\xFE", 0},
                                           Malformed{"UTF-16",
                                                     "\xFF\xFE"
                                                     "m",
                                                     0}));

}  // namespace
}  // namespace vglaw
