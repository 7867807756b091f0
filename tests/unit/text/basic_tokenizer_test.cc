#include "vglaw/text/basic_tokenizer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "vglaw/core/files.h"
#include "vglaw/text/utf8.h"

namespace vglaw {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::string_view_literals;

/// FNV-1a, 64 bits (Fowler, Noll, Vo).
struct Fingerprint {
    std::uint64_t value = 0xCBF29CE484222325ULL;
    void add(std::string_view bytes) {
        for (const char byte : bytes) value = (value ^ static_cast<unsigned char>(byte)) * 0x100000001B3ULL;
    }
};

TEST(SplitWords, TreatsEveryCodePointAsTheReferenceDoes) {
    std::string fingerprints;
    for (char32_t block = 0; block < 0x110000; block += 0x1000) {
        Fingerprint fingerprint;
        for (char32_t c = block; c < block + 0x1000; ++c) {
            if (c >= 0xD800 && c <= 0xDFFF) continue;
            std::string text = "x";
            append_utf8(text, c);
            text += 'x';
            std::string_view separator = "";
            for (const std::string& word : split_words(text)) {
                fingerprint.add(separator);
                fingerprint.add(word);
                separator = " ";
            }
            fingerprint.add("\n");
        }
        fingerprints += fmt::format("{:06x} {:016x}\n", static_cast<unsigned>(block), fingerprint.value);
    }
    EXPECT_EQ(fingerprints, read_text(std::string(VGLAW_SOURCE_DIR) + "/tests/golden/text/code_points.txt"));
}

TEST(SplitWords, LowersCaseAndRemovesAccents) {
    EXPECT_THAT(split_words("Café RÉSUMÉ İstanbul straße"), ElementsAre("cafe", "resume", "istanbul", "straße"));
    EXPECT_THAT(split_words("cafe\u0301"), ElementsAre("cafe"));
    EXPECT_THAT(split_words("ΣΑΣ"), ElementsAre("σασ")) << "the reference has no final sigma";
}

TEST(SplitWords, MakesPunctuationAndIdeographsWordsOfTheirOwn) {
    EXPECT_THAT(split_words("don't 中文x…"), ElementsAre("don", "'", "t", "中", "文", "x", "…"));
}

TEST(SplitWords, DropsControlCharactersInsideAWordAndSplitsAtSpaces) {
    EXPECT_THAT(split_words("ma\0n\x01 d\u200dog\u00a0a\u2028b\ufffd"sv), ElementsAre("man", "dog", "a", "b"));
    EXPECT_THAT(split_words(" \t\r\n\u3000"), IsEmpty());
}

TEST(SplitWords, OrdersALongRunOfMarksInReasonableTime) {
    // Two marks that are kept, in the wrong canonical order, over and over: a quadratic sort would take minutes.
    std::string text = "a";
    for (int i = 0; i < 100'000; ++i) text += "\u302E\u1B44";
    const auto start = std::chrono::steady_clock::now();
    const auto words = split_words(text);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
    ASSERT_EQ(words.size(), 1u);
    EXPECT_EQ(words[0].substr(0, 7), "a\u1B44\u1B44") << "class 9 before class 224";
}

}  // namespace
}  // namespace vglaw
