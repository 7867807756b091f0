#include "vglaw/format/pickle_text.h"

#include <gtest/gtest.h>

namespace vglaw {
namespace {

std::string repr(std::string_view text) {
    std::string unfolded;
    std::string_view view;
    return unfold_python_repr(text, unfolded, view) ? std::string(view) : "refused";
}

std::string raw(std::string_view text) {
    std::string unfolded;
    std::string_view view;
    return unfold_raw_unicode(text, unfolded, view) ? std::string(view) : "refused";
}

TEST(PythonRepr, UnfoldsEveryEscapeOfPython) {
    EXPECT_EQ(repr("'plain'"), "plain");
    EXPECT_EQ(repr("\"it's\""), "it's");
    EXPECT_EQ(repr("''"), "");
    EXPECT_EQ(repr(R"('\\ \' \" \n\r\t\a\b\f\v')"), "\\ ' \" \n\r\t\a\b\f\v");
    EXPECT_EQ(repr(R"('\x41\xff\101\60z\0')"), std::string("A\xff"
                                                           "A0z\0",
                                                           6));
    EXPECT_EQ(repr(R"('\q')"), "\\q") << "an escape Python does not know stays";
}

TEST(PythonRepr, RefusesWhatIsNotQuoted) {
    for (const char* bad : {"", "'", "plain", "'one\"", R"('\x4')", R"('\xzz')", R"('\')", R"('\x-1')"}) {
        EXPECT_EQ(repr(bad), "refused") << bad;
    }
}

TEST(RawUnicode, UnfoldsToUtf8) {
    EXPECT_EQ(raw("plain"), "plain");
    EXPECT_EQ(raw("caf\xe9"), "café") << "a byte is Latin-1";
    EXPECT_EQ(raw("\\u2019\\U0001f600"), "’😀");
    EXPECT_EQ(raw("\\ud83d\\ude00"), "😀") << "two surrogates of a narrow Python 2";
    EXPECT_EQ(raw("\\\\u0041 \\n \\"), "\\\\u0041 \\n \\")
        << "only \\u and \\U are escapes, and a backslash shields the next";
}

TEST(RawUnicode, RefusesBrokenEscapes) {
    for (const char* bad :
         {"\\u12", "\\u12g4", "\\U0011", "\\U00110000", "\\ud83d", "\\ud83dx", "\\ud83d\\u0041", "\\ude00"}) {
        EXPECT_EQ(raw(bad), "refused") << bad;
    }
}

}  // namespace
}  // namespace vglaw
