#include "vglaw/data/prepare.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "tests/unit/data/painted.h"

namespace vglaw {
namespace {

constexpr int kSize = 64;

// Red above the middle between its background (0) and full (255), normalised.
BoxXyxy red_on_canvas(const Sample& sample) {
    const Normalization normalization;
    const float threshold = (0.5F - normalization.mean[0]) / normalization.std[0];
    const float padding = 0;  // zero after normalising is mean colour, below the threshold
    EXPECT_LT(padding, threshold);
    Mask mask(kSize, kSize);
    for (std::size_t i = 0; i < mask.pixels.size(); ++i) mask.pixels[i] = sample.image[i] > threshold ? 1 : 0;
    return bounding_box(mask);
}

BoxXyxy mask_on_canvas(const Sample& sample) {
    Mask mask(kSize, kSize);
    mask.pixels = sample.mask;
    return bounding_box(mask);
}

BoxXyxy in_pixels(const BoxCxcywh& box) {
    const BoxXyxy corners = to_xyxy(box);
    return {corners.x0 * kSize, corners.y0 * kSize, corners.x1 * kSize, corners.y1 * kSize};
}

void expect_near(const BoxXyxy& actual, const BoxXyxy& expected, float tolerance) {
    EXPECT_NEAR(actual.x0, expected.x0, tolerance);
    EXPECT_NEAR(actual.y0, expected.y0, tolerance);
    EXPECT_NEAR(actual.x1, expected.x1, tolerance);
    EXPECT_NEAR(actual.y1, expected.y1, tolerance);
}

TEST(Prepare, PutsTheBoxOnThePixelsInTheCentre) {
    Rng rng(1);
    const Tokenizer tokenizer = small_tokenizer();
    // 32 x 16 doubles to 64 x 32 on rows 16 to 48: every edge falls on a pixel border, so the box is exact.
    const Sample sample =
        prepare(painted_example(32, 16, {4, 2, 10, 6}, "the red box"), tokenizer, {.size = kSize}, nullptr, rng);
    EXPECT_EQ(sample.placement.top, 16);
    expect_near(in_pixels(sample.box), {8, 20, 28, 32}, 1e-4F);  // rounding of float32 sums
    EXPECT_EQ(red_on_canvas(sample), (BoxXyxy{8, 20, 28, 32}));
    EXPECT_EQ(mask_on_canvas(sample), (BoxXyxy{8, 20, 28, 32}));
    EXPECT_EQ(sample.ids, (std::vector<std::int64_t>{2, 4, 5, 6, 3}));
}

TEST(Prepare, FindsThePhraseOfACaption) {
    Rng rng(1);
    const Tokenizer tokenizer = small_tokenizer();
    Example example = painted_example(32, 16, {4, 2, 10, 6}, "the [red box]");
    example.is_caption = true;
    const auto prepared = [&](int most) {
        return prepare(example, tokenizer, {.size = kSize, .max_tokens = most}, nullptr, rng);
    };
    EXPECT_EQ(prepared(40).ids, (std::vector<std::int64_t>{2, 4, 5, 6, 3}));
    EXPECT_EQ(prepared(40).span, (std::vector<std::uint8_t>{0, 0, 1, 1, 0}));
    // Where the caption's end is cut with a part of the phrase, the phrase stands alone.
    EXPECT_EQ(prepared(4).ids, (std::vector<std::int64_t>{2, 5, 6, 3}));
    EXPECT_TRUE(prepared(4).span.empty());
    // Without the flag brackets are only characters.
    example.is_caption = false;
    EXPECT_TRUE(prepared(40).span.empty());
    EXPECT_NE(prepared(40).ids, (std::vector<std::int64_t>{2, 4, 5, 6, 3}));
    example.is_caption = true;
    example.expression = "[the] [red box]";
    EXPECT_THROW((void)prepared(40), Error);  // one target
}

TEST(Prepare, EachPhraseOfACaptionHasItsBoxAndMask) {
    Rng rng(1);
    const Tokenizer tokenizer = small_tokenizer();
    Example example = painted_example(32, 16, {4, 2, 10, 6}, "the [red box] on [the left]");
    example.is_caption = true;
    const Example other = painted_example(32, 16, {20, 4, 6, 8}, "");
    example.more = {{other.box_px, other.mask}};
    const auto prepared = [&](int most) {
        return prepare(example, tokenizer, {.size = kSize, .max_tokens = most}, nullptr, rng);
    };
    const Sample both = prepared(40);
    EXPECT_EQ(both.ids, (std::vector<std::int64_t>{2, 4, 5, 6, 9, 4, 7, 3}));
    EXPECT_EQ(both.span, (std::vector<std::uint8_t>{0, 0, 1, 1, 0, 0, 0, 0}));
    EXPECT_EQ(mask_on_canvas(both), (BoxXyxy{8, 20, 28, 32}));
    ASSERT_EQ(both.more.size(), 1U);
    EXPECT_EQ(both.more[0].span, (std::vector<std::uint8_t>{0, 0, 0, 0, 0, 1, 1, 0}));
    expect_near(in_pixels(both.more[0].box), {40, 24, 52, 40}, 1e-4F);
    Sample second;
    second.mask = both.more[0].mask;
    EXPECT_EQ(mask_on_canvas(second), (BoxXyxy{40, 24, 52, 40}));
    // Where the end is cut with a part of the second phrase, the first is what is left.
    EXPECT_EQ(prepared(7).span, (std::vector<std::uint8_t>{0, 0, 1, 1, 0, 0, 0}));
    EXPECT_TRUE(prepared(7).more.empty());
    // With the targets exchanged the boxes are.
    std::swap(example.box_px, example.more[0].box_px);
    std::swap(example.mask, example.more[0].mask);
    EXPECT_EQ(mask_on_canvas(prepared(40)), (BoxXyxy{40, 24, 52, 40}));
    example.more[0].mask = Mask(3, 3);
    EXPECT_THROW((void)prepared(40), Error);
    example.more.clear();
    EXPECT_THROW((void)prepared(40), Error);  // two phrases, one target
}

TEST(Prepare, LabelsCellsByWhatTheirCentresShow) {
    Rng rng(1);
    const Tokenizer tokenizer = small_tokenizer();
    Example example = painted_example(32, 16, {4, 2, 10, 6}, "the red box");
    example.labels = {16, 32, std::vector<std::uint8_t>(32 * 16, LabelMap::background), {{7, 3, 2}}};
    for (int y = 2; y < 8; ++y) std::fill_n(example.labels.owner.begin() + y * 32 + 4, 10, std::uint8_t{0});
    EXPECT_TRUE(prepare(example, tokenizer, {.size = kSize}, nullptr, rng).labels.empty());
    const Sample sample = prepare(example, tokenizer, {.size = kSize, .label_grid = 8}, nullptr, rng);
    // On the canvas the box covers columns 8 to 28, rows 20 to 32: the centres 12, 20 and 28 (not inside: 28 is its
    // edge) by 20 (its first row) and 28.
    ASSERT_EQ(sample.labels.size(), 8U * 8 * 3);
    for (int row = 0; row < 8; ++row) {
        for (int column = 0; column < 8; ++column) {
            const bool object = (column == 1 || column == 2) && (row == 2 || row == 3);
            const auto* cell = sample.labels.data() + (row * 8 + column) * 3;
            EXPECT_EQ(cell[0], object ? 7 : -1) << row << " " << column;
            EXPECT_EQ(cell[1], object ? 3 : -1);
            EXPECT_EQ(cell[2], object ? 2 : -1);
        }
    }
}

TEST(Prepare, CentredPlacementDrawsNoRandomNumbers) {
    Rng rng(1);
    const auto before = rng.state();
    const Tokenizer tokenizer = small_tokenizer();
    (void)prepare(painted_example(32, 16, {4, 2, 10, 6}, "box"), tokenizer, {.size = kSize}, nullptr, rng);
    EXPECT_EQ(rng.state(), before);
}

TEST(Prepare, BoxFollowsThePixelsThroughFlipCropScaleAndOffset) {
    const Tokenizer tokenizer = small_tokenizer();
    const Augmentation augmentation(AugmentOptions{.crop = 0.7, .crop_min_side = 0.4, .scale = 0.7, .scale_min = 0.6});
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        Rng rng(seed);
        const int width = rng.uniform_int(20, 200), height = rng.uniform_int(20, 200);
        const int long_side = std::max(width, height);
        // Targets of at least 3 canvas pixels at the smallest scale: thinner ones blur below the threshold.
        const int least = std::max(4, long_side * 5 / kSize);
        const int target_width = std::min(width, least + rng.uniform_int(0, 8));
        const int target_height = std::min(height, least + rng.uniform_int(0, 8));
        const PaintedRectangle target{rng.uniform_int(0, width - target_width),
                                      rng.uniform_int(0, height - target_height), target_width, target_height};
        const Sample sample =
            prepare(painted_example(width, height, target, "red box"), tokenizer, {.size = kSize}, &augmentation, rng);
        // A painted pixel is one whose centre is inside: half a pixel each side; the blur of the resize adds up to
        // another half where the target touches the picture's border, and 0.05 covers float rounding.
        expect_near(red_on_canvas(sample), in_pixels(sample.box), 1.05F);
        expect_near(mask_on_canvas(sample), in_pixels(sample.box), 1.05F);
        const auto& place = sample.placement;
        EXPECT_GE(place.left, 0);
        EXPECT_LE(place.left + place.resized_width, kSize);
        EXPECT_LE(place.top + place.resized_height, kSize);
    }
}

TEST(Prepare, IsTheSameForTheSameSeed) {
    const Tokenizer tokenizer = small_tokenizer();
    const Augmentation augmentation{AugmentOptions{}};
    const Example example = painted_example(50, 30, {4, 2, 10, 6}, "left box");
    Rng first(9), second(9);
    const Sample a = prepare(example, tokenizer, {.size = kSize}, &augmentation, first);
    const Sample b = prepare(example, tokenizer, {.size = kSize}, &augmentation, second);
    EXPECT_EQ(a.image, b.image);
    EXPECT_EQ(a.box, b.box);
    EXPECT_EQ(a.ids, b.ids);
}

TEST(Prepare, CutsLongExpressions) {
    Rng rng(1);
    const Tokenizer tokenizer = small_tokenizer();
    const Sample sample = prepare(painted_example(32, 16, {4, 2, 10, 6}, "the red box on the left"), tokenizer,
                                  {.size = kSize, .max_tokens = 4}, nullptr, rng);
    EXPECT_EQ(sample.ids, (std::vector<std::int64_t>{2, 4, 5, 3}));
}

TEST(Prepare, RefusesExamplesThatContradictThemselves) {
    Rng rng(1);
    const Tokenizer tokenizer = small_tokenizer();
    const Example good = painted_example(32, 16, {4, 2, 10, 6}, "box");
    const auto expect_refused = [&](const Example& example) {
        EXPECT_THROW((void)prepare(example, tokenizer, {.size = kSize}, nullptr, rng), Error);
    };
    Example bad = good;
    bad.image = {};
    expect_refused(bad);
    bad = good;
    bad.mask = Mask(8, 8);
    expect_refused(bad);
    bad = good;
    bad.box_px.x1 = bad.box_px.x0;
    expect_refused(bad);
    bad = good;
    bad.box_px.y0 = std::numeric_limits<float>::quiet_NaN();
    expect_refused(bad);
    bad = good;
    bad.box_px = {100, 0, 110, 10};
    expect_refused(bad);
    EXPECT_THROW((void)prepare(good, tokenizer, {.size = 0}, nullptr, rng), Error);
    EXPECT_THROW((void)prepare(good, tokenizer, {.size = kSize, .max_tokens = 1}, nullptr, rng), Error);
}

}  // namespace
}  // namespace vglaw
