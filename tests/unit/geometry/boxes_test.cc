#include "vglaw/geometry/boxes.h"

#include <gtest/gtest.h>

#include "vglaw/core/rng.h"

namespace vglaw {
namespace {

BoxXyxy random_box(Rng& rng) {
    const float x = float(rng.uniform(-50, 700)), y = float(rng.uniform(-50, 500));
    return {x, y, x + float(rng.uniform(0, 300)), y + float(rng.uniform(0, 300))};
}

TEST(Boxes, ConvertsBothWays) {
    EXPECT_EQ(to_xyxy({0.5f, 0.25f, 0.5f, 0.25f}), (BoxXyxy{0.25f, 0.125f, 0.75f, 0.375f}));
    Rng rng(1);
    for (int i = 0; i < 1000; ++i) {
        const BoxXyxy box = random_box(rng), back = to_xyxy(to_cxcywh(box));
        // A few roundings of float at magnitudes up to 1024 (ulp 6e-5).
        EXPECT_NEAR(back.x0, box.x0, 3e-4);
        EXPECT_NEAR(back.y1, box.y1, 3e-4);
    }
}

TEST(Boxes, HasNoAreaWhenEmptyOrInverted) {
    EXPECT_EQ(area(BoxXyxy{1, 2, 4, 6}), 12);
    EXPECT_EQ(area(BoxXyxy{1, 2, 1, 6}), 0);
    EXPECT_EQ(area(BoxXyxy{4, 2, 1, 6}), 0);
    EXPECT_EQ(area(BoxXyxy{4, 6, 1, 2}), 0) << "two inversions are not a box";
    EXPECT_EQ(intersection({0, 0, 1, 1}, {2, 2, 3, 3}), (BoxXyxy{2, 2, 2, 2}));
}

TEST(Boxes, ClipsToTheImage) {
    EXPECT_EQ(clip({-5, 10, 700, 470}, 640, 480), (BoxXyxy{0, 10, 640, 470}));
    EXPECT_EQ(area(clip({700, 10, 800, 20}, 640, 480)), 0);
}

TEST(Iou, MatchesHandComputedValues) {
    EXPECT_FLOAT_EQ(iou({0, 0, 2, 2}, {1, 1, 3, 3}), 1.0f / 7);
    EXPECT_EQ(iou({0, 0, 2, 2}, {0, 0, 2, 2}), 1);
    EXPECT_EQ(iou({0, 0, 2, 2}, {2, 0, 4, 2}), 0);
    EXPECT_EQ(iou({1, 1, 1, 1}, {1, 1, 1, 1}), 0) << "both empty";
    EXPECT_FLOAT_EQ(giou({0, 0, 2, 2}, {1, 1, 3, 3}), 1.0f / 7 - 2.0f / 9);
    EXPECT_FLOAT_EQ(giou({0, 0, 1, 1}, {3, 0, 4, 1}), -0.5f);
    EXPECT_EQ(giou({0, 0, 2, 2}, {0, 0, 2, 2}), 1);
    EXPECT_EQ(giou({1, 1, 1, 1}, {1, 1, 1, 1}), 0);
}

TEST(Iou, StaysInRangeAndIsSymmetric) {
    Rng rng(2);
    for (int i = 0; i < 2000; ++i) {
        const BoxXyxy a = random_box(rng), b = random_box(rng);
        EXPECT_EQ(iou(a, b), iou(b, a));
        EXPECT_GE(iou(a, b), 0);
        EXPECT_LE(iou(a, b), 1);
        EXPECT_EQ(iou(a, a), 1);
        EXPECT_LE(giou(a, b), iou(a, b));
        EXPECT_GE(giou(a, b), -1);
    }
}

}  // namespace
}  // namespace vglaw
