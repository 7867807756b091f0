#include "vglaw/core/error.h"

#include <gtest/gtest.h>

#include <string>

namespace vglaw {
namespace {

std::string message_of(const std::string& text) { return Error(ErrorCode::corrupt_data, text).what(); }

TEST(Error, KeepsTextAsItIs) {
    EXPECT_EQ(message_of("refs(unc).p: 'Café' \\ is missing"), "refs(unc).p: 'Café' \\ is missing");
}

TEST(Error, IsOneLineWhateverItQuotes) {
    EXPECT_EQ(message_of("a\nb\r\x1b[31mc\x7f\x01"), "a\\x0Ab\\x0D\\x1B[31mc\\x7F\\x01");
    EXPECT_EQ(message_of("\xc2\x9b"
                         "31m \xc2\xa9 \xc2"),
              "\\xC2\\x9B31m \xc2\xa9 \xc2");
    EXPECT_EQ(message_of(std::string("a\0b", 3)), "a\\x00b");
}

TEST(Error, IsCutBeforeACharacterWhenItIsLong) {
    EXPECT_EQ(message_of(std::string(kLongestMessage - 12, 'a')).size(), kLongestMessage - 12);
    std::string umlauts;
    for (int i = 0; i < 3000; ++i) umlauts += "ü";
    for (const std::string& start : {std::string(), std::string("a")}) {
        const std::string cut = message_of(start + umlauts);
        EXPECT_LE(cut.size(), kLongestMessage);
        EXPECT_GT(cut.size(), kLongestMessage - 20);
        EXPECT_TRUE(cut.ends_with("ü...")) << cut.substr(cut.size() - 10);
    }
    EXPECT_LE(message_of(std::string(9000, '\n')).size(), kLongestMessage);
    EXPECT_LE(message_of(std::string(9000, '\x80')).size(), kLongestMessage);
}

}  // namespace
}  // namespace vglaw
