#include "vglaw/train/curves.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace vglaw::train {
namespace {

using testing::ElementsAre;

constexpr const char* metrics =
    R"({"step":10,"loss":4.5,"l1":0.5,"giou":1.0,"focal":0.0,"dice":0.0,"learning_rate":0.001})"
    "\n"
    R"({"step":10,"val_prec@0.5":0.25,"val_miou":null})"
    "\n"
    R"({"step":20,"loss":3.5,"l1":0.25,"giou":0.75,"focal":0.0,"dice":0.0,"learning_rate":0.0005})"
    "\n"
    R"({"step":20,"lo)";  // torn

TEST(Curves, AreReadFromTheLinesThatHaveThem) {
    const auto charts = training_curves(metrics);
    ASSERT_EQ(charts.size(), 3U);
    ASSERT_EQ(charts[0].series.size(), 3U);  // focal and dice were not trained
    EXPECT_EQ(charts[0].series[0].name, "total, weighted");
    EXPECT_THAT(charts[0].series[0].x, ElementsAre(10, 20));
    EXPECT_THAT(charts[0].series[0].y, ElementsAre(4.5, 3.5));
    ASSERT_EQ(charts[1].series.size(), 1U);  // no masks, no mIoU
    EXPECT_THAT(charts[1].series[0].x, ElementsAre(10));
    EXPECT_THAT(charts[1].series[0].y, ElementsAre(25));  // per cent
    EXPECT_THAT(charts[2].series[0].y, ElementsAre(0.001, 0.0005));
}

TEST(Curves, OfNothingAreNone) {
    EXPECT_TRUE(training_curves("").empty());
    EXPECT_TRUE(training_curves("{\"step\": \"x\", \"loss\": 1}\n[]\nnull\n{\"loss\": 1}\n").empty());
    EXPECT_ANY_THROW((void)stack_charts({}));
    EXPECT_ANY_THROW((void)stack_charts_svg({}));
}

TEST(Curves, StackIsAsHighAsItsCharts) {
    const auto charts = training_curves(metrics);
    const Image stack = stack_charts(charts);
    EXPECT_EQ(stack.width, charts[0].options.width);
    EXPECT_EQ(stack.height, 3 * charts[0].options.height);
    EXPECT_EQ(stack.rgb.size(), std::size_t(stack.width) * std::size_t(stack.height) * 3);
}

TEST(Curves, IdsOfTheStackedSvgAreUniqueAndEveryReferenceHasOne) {
    const std::string svg = stack_charts_svg(training_curves(metrics));
    const auto all = [&](const char* pattern) {
        std::vector<std::string> found;
        const std::regex expression(pattern);
        for (std::sregex_iterator match(svg.begin(), svg.end(), expression), end; match != end; ++match) {
            found.push_back((*match)[1]);
        }
        return found;
    };
    const auto ids = all("[ ]id=\"([^\"]*)\"");
    const std::set<std::string> unique(ids.begin(), ids.end());
    EXPECT_GT(ids.size(), 10U);
    EXPECT_EQ(unique.size(), ids.size());
    const auto references = all("href=\"#([^\"]*)\"");
    EXPECT_GT(references.size(), 10U);
    for (const auto& reference : references) EXPECT_TRUE(unique.count(reference)) << reference;
    EXPECT_EQ(svg.find("<?xml", 1), std::string::npos);
}

}  // namespace
}  // namespace vglaw::train
