#include "vglaw/data/augment.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/data/painted.h"

namespace vglaw {
namespace {

// The box that the painted pixels themselves span.
BoxXyxy painted_box(const Image& image) {
    Mask mask(image.height, image.width);
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x) mask.at(y, x) = image.pixel(y, x)[0] == 255 ? 1 : 0;
    }
    return bounding_box(mask);
}

TEST(Flip, MovesPictureMaskBoxAndWordsTogether) {
    Example example = painted_example(31, 20, {3, 5, 7, 4}, "the bright box on the left");
    flip_horizontally(example);
    EXPECT_EQ(example.box_px, (BoxXyxy{21, 5, 28, 9}));
    EXPECT_EQ(painted_box(example.image), example.box_px);
    EXPECT_EQ(bounding_box(example.mask), example.box_px);
    EXPECT_EQ(example.expression, "the bright box on the right");
}

LabelMap labels_of(const Mask& mask) {
    LabelMap labels{mask.height, mask.width, {}, {{1, 2, 0}}};
    for (const auto pixel : mask.pixels) labels.owner.push_back(pixel == 1 ? 0 : LabelMap::background);
    return labels;
}

TEST(Augmentation, MovesTheLabelsWithThePicture) {
    Rng rng(4);
    const Augmentation augmentation(AugmentOptions{.flip = 0.5, .crop = 0.7});
    for (int i = 0; i < 50; ++i) {
        Example example = painted_example(31, 20, {3, 5, 7, 4}, "the bright box");
        example.labels = labels_of(example.mask);
        augmentation.apply(example, rng);
        EXPECT_EQ(example.labels.owner, labels_of(example.mask).owner);
        EXPECT_EQ(example.labels.width, example.image.width);
        EXPECT_EQ(example.labels.height, example.image.height);
    }
}

TEST(Augmentation, KeepsEveryTargetOfACaptionWhole) {
    Rng rng(5);
    const Augmentation augmentation(AugmentOptions{.flip = 0.5, .crop = 0.8, .crop_min_side = 0.3});
    int changed = 0;
    for (int i = 0; i < 50; ++i) {
        Example example = painted_example(40, 30, {3, 5, 7, 4}, "[the bright box] and [the dark box]");
        example.is_caption = true;
        const Example other = painted_example(40, 30, {20, 14, 6, 8}, "");
        example.more = {{other.box_px, other.mask}};
        augmentation.apply(example, rng);
        changed += example.image.width < 40 || example.image.height < 30 ? 1 : 0;
        EXPECT_EQ(example.more[0].mask.width, example.image.width);
        EXPECT_EQ(bounding_box(example.mask), example.box_px);
        EXPECT_EQ(bounding_box(example.more[0].mask), example.more[0].box_px);
        EXPECT_EQ(area(example.box_px), 7 * 4);
        EXPECT_EQ(area(example.more[0].box_px), 6 * 8);
    }
    EXPECT_GT(changed, 20);
}

TEST(Flip, TwiceIsTheOriginal) {
    const Example original = painted_example(24, 10, {1, 2, 9, 5}, "Left box");
    Example example = original;
    flip_horizontally(example);
    flip_horizontally(example);
    EXPECT_EQ(example.image, original.image);
    EXPECT_EQ(example.mask, original.mask);
    EXPECT_EQ(example.box_px, original.box_px);
    EXPECT_EQ(example.expression, original.expression);
}

TEST(Flip, KeepsTheSideThatTheWordsName) {
    Rng rng(3);
    const Augmentation augmentation(AugmentOptions{.flip = 0.5, .crop = 1, .scale = 1});
    int flipped = 0;
    for (int i = 0; i < 200; ++i) {
        Example example = painted_example(40, 20, {2, 4, 8, 8}, "left box");
        augmentation.apply(example, rng);
        const bool now_right = example.expression == "right box";
        flipped += now_right ? 1 : 0;
        const BoxXyxy box = painted_box(example.image);
        EXPECT_EQ(now_right, (box.x0 + box.x1) / 2 > float(example.image.width) / 2);
        EXPECT_EQ(example.image.width, 40);  // a named side forbids the crop
    }
    EXPECT_GT(flipped, 60);  // 200 draws at one half: below 60 or above 140 has odds under one in ten million
    EXPECT_LT(flipped, 140);
}

TEST(Flip, IsSkippedForWordsWithoutAMirror) {
    Rng rng(3);
    const Augmentation augmentation(AugmentOptions{.flip = 1, .crop = 0});
    Example example = painted_example(40, 20, {2, 4, 8, 8}, "box far lft");
    augmentation.apply(example, rng);
    EXPECT_EQ(example.box_px.x0, 2);
}

TEST(RandomCrop, KeepsTheWholeBoxInsideThePicture) {
    Rng rng(11);
    bool smaller = false;
    for (int i = 0; i < 500; ++i) {
        const int width = rng.uniform_int(1, 60), height = rng.uniform_int(1, 60);
        const auto x0 = float(rng.uniform(0, width - 0.5)), y0 = float(rng.uniform(0, height - 0.5));
        const BoxXyxy box{x0, y0, float(rng.uniform(x0 + 0.1, width)), float(rng.uniform(y0 + 0.1, height))};
        const CropWindow window = random_crop(box, width, height, 0.5, rng);
        EXPECT_GE(window.x, 0);
        EXPECT_GE(window.y, 0);
        EXPECT_LE(window.x + window.width, width);
        EXPECT_LE(window.y + window.height, height);
        EXPECT_LE(float(window.x), box.x0);
        EXPECT_LE(float(window.y), box.y0);
        EXPECT_GE(float(window.x + window.width), box.x1);
        EXPECT_GE(float(window.y + window.height), box.y1);
        EXPECT_GE(window.width, 0.5 * width);
        smaller = smaller || window.width < width;
    }
    EXPECT_TRUE(smaller);
}

TEST(RandomCrop, SurvivesABoxThatLeavesThePicture) {
    Rng rng(5);
    const CropWindow window = random_crop({-10, 5, 500, 9.5F}, 100, 10, 0.5, rng);
    EXPECT_EQ(window.x, 0);
    EXPECT_EQ(window.width, 100);
}

TEST(Crop, MovesAndClipsTheBox) {
    Example example = painted_example(30, 20, {10, 6, 8, 6}, "red box");
    crop(example, {12, 4, 10, 10});
    EXPECT_EQ(example.image.width, 10);
    EXPECT_EQ(example.mask.height, 10);
    EXPECT_EQ(example.box_px, (BoxXyxy{0, 2, 6, 8}));
    EXPECT_EQ(painted_box(example.image), example.box_px);
    EXPECT_EQ(bounding_box(example.mask), example.box_px);
}

TEST(Crop, RefusesAWindowOutsideThePicture) {
    Example example = painted_example(30, 20, {10, 6, 8, 6}, "red box");
    EXPECT_THROW(crop(example, {25, 0, 6, 5}), Error);
    EXPECT_THROW(crop(example, {-1, 0, 6, 5}), Error);
    EXPECT_THROW(crop(example, {0, 0, 0, 5}), Error);
    EXPECT_THROW(crop(example, {1, 0, std::numeric_limits<int>::max(), 5}), Error);
}

TEST(Crop, KeepsTheTargetWithoutMask) {
    Rng rng(2);
    const Augmentation augmentation(AugmentOptions{.flip = 0, .crop = 1, .crop_min_side = 0.3});
    int cropped = 0;
    for (int i = 0; i < 100; ++i) {
        Example example = painted_example(50, 40, {20, 10, 9, 7}, "red box");
        example.mask = {};
        augmentation.apply(example, rng);
        EXPECT_TRUE(example.mask.empty());
        EXPECT_EQ(painted_box(example.image), example.box_px);
        EXPECT_EQ(example.box_px.x1 - example.box_px.x0, 9);
        EXPECT_EQ(example.box_px.y1 - example.box_px.y0, 7);
        cropped += example.image.width < 50 ? 1 : 0;
    }
    EXPECT_GT(cropped, 50);
}

TEST(Placement, StaysOnTheCanvasAndReachesBothEnds) {
    Rng rng(4);
    const Augmentation augmentation(AugmentOptions{.flip = 0, .crop = 0, .scale = 0});
    const Example example = painted_example(40, 20, {2, 4, 8, 8}, "red box");
    bool first = false, last = false;
    for (int i = 0; i < 600; ++i) {
        const Letterbox placement = augmentation.place(example, 32, rng);
        EXPECT_EQ(placement.resized_width, 32);
        EXPECT_EQ(placement.left, 0);
        EXPECT_GE(placement.top, 0);
        EXPECT_LE(placement.top, 16);
        first = first || placement.top == 0;
        last = last || placement.top == 16;
    }
    EXPECT_TRUE(first && last);
}

TEST(Placement, ShrinksWithinItsRangeUnlessASideIsNamed) {
    Rng rng(4);
    const Augmentation augmentation(AugmentOptions{.scale = 1, .scale_min = 0.5});
    const Example plain = painted_example(40, 20, {2, 4, 8, 8}, "red box");
    const Example side = painted_example(40, 20, {2, 4, 8, 8}, "bottom box");
    bool shrunk = false;
    for (int i = 0; i < 100; ++i) {
        const Letterbox placement = augmentation.place(plain, 64, rng);
        EXPECT_GE(placement.resized_width, 32);
        EXPECT_LE(placement.left + placement.resized_width, 64);
        EXPECT_LE(placement.top + placement.resized_height, 64);
        shrunk = shrunk || placement.resized_width < 60;
        EXPECT_EQ(augmentation.place(side, 64, rng).resized_width, 64);
    }
    EXPECT_TRUE(shrunk);
}

TEST(Augmentation, RefusesOptionsOutOfRange) {
    EXPECT_THROW(Augmentation(AugmentOptions{.flip = 1.5}), Error);
    EXPECT_THROW(Augmentation(AugmentOptions{.crop = -0.1}), Error);
    EXPECT_THROW(Augmentation(AugmentOptions{.crop_min_side = 0}), Error);
    EXPECT_THROW(Augmentation(AugmentOptions{.scale_min = std::numeric_limits<double>::quiet_NaN()}), Error);
}

}  // namespace
}  // namespace vglaw
