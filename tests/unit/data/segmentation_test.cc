#include "vglaw/data/segmentation.h"

#include <gtest/gtest.h>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

TEST(Segmentation, JoinsPolygonsAndRuns) {
    Segmentation segmentation;
    EXPECT_TRUE(segmentation.paint(4, 6).empty());
    segmentation.polygons.push_back({0, 0, 2, 0, 2, 2, 0, 2});
    Mask runs(4, 6);
    runs.at(1, 1) = runs.at(3, 5) = 1;
    segmentation.runs.push_back(encode(runs));
    const Mask mask = segmentation.paint(4, 6);
    EXPECT_EQ(area(mask), 5U);
    EXPECT_EQ(mask.at(1, 1), 1);
    EXPECT_EQ(mask.at(3, 5), 1);
    EXPECT_EQ(mask.at(0, 0), 1);
}

TEST(Segmentation, RefusesRunsOfAnotherSize) {
    Segmentation segmentation;
    segmentation.runs.push_back(encode(Mask(6, 4)));
    EXPECT_THROW((void)segmentation.paint(4, 6), Error);
}

}  // namespace
}  // namespace vglaw
