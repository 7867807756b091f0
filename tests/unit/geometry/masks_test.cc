#include "vglaw/geometry/masks.h"

#include <gtest/gtest.h>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

TEST(Mask, BoundsItsOnesTightly) {
    Mask mask(5, 7);
    EXPECT_EQ(bounding_box(mask), BoxXyxy{});
    mask.at(1, 2) = mask.at(3, 5) = 1;
    EXPECT_EQ(bounding_box(mask), (BoxXyxy{2, 1, 6, 4}));
    EXPECT_EQ(area(mask), 2u);
    mask.at(4, 0) = 1;
    EXPECT_EQ(bounding_box(mask), (BoxXyxy{0, 1, 6, 5}));
    EXPECT_EQ(bounding_box(Mask()), BoxXyxy{});
}

TEST(Mask, CountsOverlap) {
    Mask a(2, 2), b(2, 2);
    a.at(0, 0) = a.at(0, 1) = b.at(0, 1) = b.at(1, 1) = 1;
    EXPECT_EQ(overlap(a, b).intersection, 1u);
    EXPECT_EQ(overlap(a, b).union_, 3u);
    EXPECT_THROW((void)overlap(a, Mask(2, 3)), Error);
    EXPECT_THROW((void)overlap(Mask(3, 2), Mask(2, 3)), Error) << "as many pixels, another shape";
}

}  // namespace
}  // namespace vglaw
