#include "vglaw/image/chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

std::vector<Series> curves() {
    return {{"loss", {0, 1, 2, 3}, {4, 2, 1.5, 1.2}}, {"Prec@0.5", {0, 1, 2, 3}, {0.1, 0.4, 0.6, 0.7}}};
}

TEST(LineChart, DrawsTheSamePixelsTwiceAtTheSizeAsked) {
    const ChartOptions options{"title", "epoch", "value", 500, 300};
    const Image chart = draw_line_chart(curves(), options);
    EXPECT_EQ(chart.width, 500);
    EXPECT_EQ(chart.height, 300);
    EXPECT_EQ(chart, draw_line_chart(curves(), options));
    EXPECT_NE(chart, draw_line_chart(std::vector<Series>{curves()[0]}, options));
}

TEST(LineChart, WritesAWholeSvg) {
    const std::string svg = draw_line_chart_svg(curves(), {"title", "epoch", "value"});
    EXPECT_THAT(svg, testing::HasSubstr("<svg"));
    EXPECT_THAT(svg, testing::EndsWith("</svg>\n"));
    EXPECT_EQ(svg, draw_line_chart_svg(curves(), {"title", "epoch", "value"}));
}

TEST(LineChart, SurvivesEveryKindOfRange) {
    const double inf = std::numeric_limits<double>::infinity(), tiny = 1e-300, huge = 1e299;
    const std::vector<std::vector<Series>> cases = {
        {},
        {{"empty", {}, {}}},
        {{"one point", {5}, {3}}},
        {{"flat", {0, 1}, {0, 0}}},
        {{"not numbers", {0, std::nan(""), 2, inf}, {1, 2, std::nan(""), 4}}},
        {{"huge", {-huge, huge}, {-huge, huge}}},
        {{"tiny", {0, tiny}, {-tiny, tiny}}},
        {{"far and close", {1e15, 1e15 + 1}, {1e-9, 1.0000001e-9}}},
    };
    for (const auto& series : cases) {
        EXPECT_EQ(draw_line_chart(series, {}).width, 900) << (series.empty() ? "none" : series[0].name);
    }
}

TEST(LineChart, RefusesUnequalLengthsAndTinySizes) {
    EXPECT_THROW((void)draw_line_chart(std::vector<Series>{{"x", {1, 2}, {1}}}, {}), Error);
    EXPECT_THROW((void)draw_line_chart(curves(), {.width = 100}), Error);
}

}  // namespace
}  // namespace vglaw
