#include "vglaw/evaluate/text_table.h"

#include <gtest/gtest.h>

namespace vglaw {
namespace {

const TextTable kTable = {{"frame", "REC", "RES"}, {{"canvas", "86.62", "-"}, {"original", "100.00", "7.00"}}, 1};

TEST(TextTable, AlignsWordsLeftAndNumbersRight) {
    EXPECT_EQ(to_text(kTable),
              "frame        REC   RES\n"
              "canvas     86.62     -\n"
              "original  100.00  7.00\n");
}

TEST(TextTable, LeavesNoTrailingSpaces) { EXPECT_EQ(to_text({{"a", "word"}, {{"b", ""}}, 2}), "a  word\nb\n"); }

TEST(TextTable, AlignsCharactersNotBytes) {
    EXPECT_EQ(to_text({{"größe", "x"}, {{"a", "1 ± 2"}, {"b", "12345"}}, 1}),
              "größe      x\na      1 ± 2\nb      12345\n");
}

TEST(TextTable, WritesMarkdownWithAlignment) {
    EXPECT_EQ(to_markdown(kTable),
              "| frame | REC | RES |\n| --- | ---: | ---: |\n| canvas | 86.62 | - |\n| original | 100.00 | 7.00 |\n");
}

TEST(TextTable, AMarkdownCellStaysOneCell) {
    EXPECT_EQ(to_markdown({{"a", "b"}, {{"x|y\nz", "1"}}, 1}), "| a | b |\n| --- | ---: |\n| x\\|y z | 1 |\n");
}

TEST(TextTable, EscapesWhatMarkdownWouldRead) {
    EXPECT_EQ(escape_markdown("a*b <img>\n|x"), "a\\*b \\<img\\> \\|x");
    EXPECT_EQ(escape_markdown("caf\xc3\xa9"), "caf\xc3\xa9");
}

}  // namespace
}  // namespace vglaw
