#include "vglaw/study/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vglaw {
namespace {

using testing::HasSubstr;

TEST(Html, EscapesWhatCouldEndAnElementOrAnAttribute) {
    EXPECT_EQ(escape_html("<b a=\"x\">&\n\x01</b>"), "&lt;b a=&quot;x&quot;&gt;&amp;  &lt;/b&gt;");
    EXPECT_EQ(escape_html("größe"), "größe");
    EXPECT_EQ(escape_html("a\xFFz"), "a\xEF\xBF\xBDz");
}

TEST(Html, ATableHasHeadersForRowsAndColumnsAndEscapedCells) {
    const std::string html = html_table("figures & more", {{"run", "loss"}, {{"<mine>", "4.5"}}, 1});
    EXPECT_THAT(html, HasSubstr("<caption>figures &amp; more</caption>"));
    EXPECT_THAT(html, HasSubstr("<th scope=\"col\" class=\"n\">loss</th>"));
    EXPECT_THAT(html, HasSubstr("<th scope=\"row\">&lt;mine&gt;</th><td class=\"n\">4.5</td>"));
}

TEST(Html, Base64EqualsTheTestVectorsOfRfc4648) {
    const auto encoded = [](std::string_view text) {
        return base64({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    };
    EXPECT_EQ(encoded(""), "");
    EXPECT_EQ(encoded("f"), "Zg==");
    EXPECT_EQ(encoded("fo"), "Zm8=");
    EXPECT_EQ(encoded("foo"), "Zm9v");
    EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
    EXPECT_EQ(encoded("\xFF\xFE\xFD"), "//79");
}

}  // namespace
}  // namespace vglaw
