#include "vglaw/format/utf8.h"

#include <gtest/gtest.h>

namespace vglaw {
namespace {

TEST(Utf8, RoundTripsEveryCodePointAndRefusesSurrogates) {
    for (std::uint32_t code = 0; code < 0x110010; ++code) {
        std::string text;
        const bool valid = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
        ASSERT_EQ(append_utf8(text, code), valid) << code;
        if (!valid) continue;
        std::size_t at = 0;
        ASSERT_TRUE(is_utf8(text)) << code;
        ASSERT_EQ(next_code_point(text, at), code);
        ASSERT_EQ(at, text.size());
        ASSERT_EQ(is_ascii(text), code < 0x80);
        ASSERT_FALSE(text.size() > 1 && is_utf8(text.substr(0, text.size() - 1))) << "truncated";
    }
}

TEST(Utf8, RefusesIllFormedBytes) {
    for (const char* bad : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                            "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3(", "plain text and then \xe2\x82"}) {
        EXPECT_FALSE(is_utf8(bad)) << bad;
    }
    EXPECT_FALSE(is_ascii("eight ascii letters, then é"));
}

}  // namespace
}  // namespace vglaw
