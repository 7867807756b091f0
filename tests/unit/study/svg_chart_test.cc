#include "vglaw/study/svg_chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <regex>

namespace vglaw {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t count(const std::string& text, const std::string& pattern) {
    const std::regex expression(pattern);
    return std::size_t(std::distance(std::sregex_iterator(text.begin(), text.end(), expression), {}));
}

TEST(SvgChart, DrawsALineARunAndSaysItInWords) {
    const SvgChart chart{"mIoU", " %", {{"a", {0, 100}, {20, 40}}, {"b<", {0, 100}, {10, 30}}}, {0, 1}};
    const std::string svg = svg_line_chart(chart);
    EXPECT_EQ(count(svg, "<path class=\"line s[01]\""), 2U);
    EXPECT_THAT(
        svg, HasSubstr("aria-label=\"mIoU. a: from 20.00 % at step 0 to 40.00 % at step 100; lowest 20.00 %, highest "
                       "40.00 %. b&lt;: from 10.00 %"));
    EXPECT_THAT(svg, testing::StartsWith("<svg"));
    EXPECT_THAT(svg, testing::EndsWith("</svg>"));
}

TEST(SvgChart, TheLineRunsFromEdgeToEdgeAndUpwardsForMore) {
    const std::string svg = svg_line_chart({"x", "", {{"a", {100, 200}, {0, 1}}}, {0}});
    std::smatch match;
    ASSERT_TRUE(
        std::regex_search(svg, match, std::regex("class=\"line s0\" d=\"M([0-9.]+) ([0-9.]+)L([0-9.]+) ([0-9.]+)\"")));
    EXPECT_EQ(std::stod(match[3]), 350);
    EXPECT_LT(std::stod(match[1]), 60);
    EXPECT_EQ(std::stod(match[2]), 182);  // the axis
    EXPECT_EQ(std::stod(match[4]), 8);
}

TEST(SvgChart, BreaksTheLineWhereThereIsNoNumber) {
    const double nan = std::nan("");
    const std::string svg = svg_line_chart({"x", "", {{"a", {0, 1, 2, 3, 4}, {1, 2, nan, 3, 4}}}, {0}});
    std::smatch match;
    ASSERT_TRUE(std::regex_search(svg, match, std::regex("class=\"line s0\" d=\"([^\"]*)\"")));
    EXPECT_EQ(count(match[1], "M"), 2U);
    EXPECT_THAT(svg.substr(svg.find("class=\"line")), Not(HasSubstr("nan")));
}

TEST(SvgChart, ThinsLongSeriesToTheirMeans) {
    Series series{"a", {}, {}};
    for (int i = 0; i < 10000; ++i) {
        series.x.push_back(i);
        series.y.push_back(i % 2);  // the mean of any even number of neighbours is a half
    }
    const std::string svg = svg_line_chart({"x", "", {series}, {0}});
    EXPECT_LT(svg.size(), 10000U);
    EXPECT_THAT(svg, HasSubstr("lowest 0, highest 1"));  // of all of them
}

TEST(SvgChart, SurvivesEveryKindOfRange) {
    const double inf = std::numeric_limits<double>::infinity();
    const std::vector<Series> cases = {{"none", {}, {}},
                                       {"one", {5}, {3}},
                                       {"flat", {0, 1}, {0, 0}},
                                       {"inf", {0, 1}, {inf, 1}},
                                       {"huge", {0, 1}, {-1e299, 1e299}},
                                       {"nan", {1}, {std::nan("")}}};
    for (const Series& series : cases) {
        const std::string svg = svg_line_chart({"x", "", {series}, {9}});  // styles start again
        EXPECT_THAT(svg, testing::EndsWith("</svg>")) << series.name;
        EXPECT_EQ(count(svg, "(d|cx|cy|x|y)=\"[^\"]*(nan|inf)"), 0U) << svg;
    }
}

}  // namespace
}  // namespace vglaw
