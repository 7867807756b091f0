#include "vglaw/image/letterbox.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "vglaw/core/error.h"
#include "vglaw/core/rng.h"
#include "vglaw/image/resize.h"

namespace vglaw {
namespace {

Image random_image(int width, int height, std::uint64_t seed) {
    Rng rng(seed);
    Image image(width, height);
    for (auto& value : image.rgb) value = std::uint8_t(rng.next() >> 56);
    return image;
}

TEST(Letterbox, PutsTheLongSideOnTheCanvasAndCentresTheOther) {
    const Letterbox wide = Letterbox::centred(640, 427, 448);
    EXPECT_EQ(wide.resized_width, 448);
    EXPECT_EQ(wide.resized_height, 299);  // 427 * 0.7 = 298.9
    EXPECT_EQ(wide.left, 0);
    EXPECT_EQ(wide.top, 74);                                         // floor(149 / 2)
    EXPECT_EQ(Letterbox::centred(4, 2, 5).resized_height, 3);        // 2.5 rounds up
    EXPECT_EQ(Letterbox::centred(10000, 1, 448).resized_height, 1);  // never 0
}

TEST(Letterbox, BringsBoxesBackWithinATenThousandthOfAPixel) {
    Rng rng(7);
    for (int round = 0; round < 3000; ++round) {
        const int width = rng.uniform_int(1, 640), height = rng.uniform_int(1, 640);
        const Letterbox placement = Letterbox::centred(width, height, rng.uniform_int(0, 1) != 0 ? 448 : 128);
        BoxXyxy box{float(rng.uniform(0, width)), float(rng.uniform(0, height)), float(rng.uniform(0, width)),
                    float(rng.uniform(0, height))};
        if (box.x0 > box.x1) std::swap(box.x0, box.x1);
        if (box.y0 > box.y1) std::swap(box.y0, box.y1);
        // A very thin picture (1 x 640 on 128) is squeezed to one column: there the float boxes carry less of its axis.
        const float squeeze =
            std::max({1.0F, 1 / placement.scale_x(), 1 / placement.scale_y()}) * float(placement.size) / 640;
        const float tolerance = 1e-4F * std::max(1.0F, squeeze);
        const BoxXyxy back = placement.box_to_image(placement.box_to_canvas(box));
        ASSERT_NEAR(back.x0, box.x0, tolerance) << width << " x " << height;
        ASSERT_NEAR(back.y0, box.y0, tolerance) << width << " x " << height;
        ASSERT_NEAR(back.x1, box.x1, tolerance) << width << " x " << height;
        ASSERT_NEAR(back.y1, box.y1, tolerance) << width << " x " << height;
    }
}

TEST(Letterbox, ClipsBoxesThatReachIntoThePadding) {
    const Letterbox placement = Letterbox::centred(200, 100, 100);
    EXPECT_EQ(placement.box_to_image({0.5F, 0.5F, 1.0F, 1.0F}), (BoxXyxy{0, 0, 200, 100}));
    EXPECT_EQ(placement.box_to_canvas({0, 0, 200, 100}), (BoxCxcywh{0.5F, 0.5F, 1.0F, 0.5F}));
}

TEST(Letterbox, LeavesPaddingExactlyZeroAfterNormalising) {
    const Image image = random_image(60, 31, 3);
    Letterbox placement = Letterbox::centred(60, 31, 64);
    placement.top = 5;  // training places at a random offset
    std::vector<float> canvas(3 * 64 * 64, -9.0F);
    const Normalization normalization;
    letterbox_image(image, placement, normalization, canvas.data());
    const Image resized = resize_bilinear(image, placement.resized_width, placement.resized_height);
    for (int c = 0; c < 3; ++c) {
        for (int y = 0; y < 64; ++y) {
            for (int x = 0; x < 64; ++x) {
                const int row = y - placement.top, column = x - placement.left;
                const bool inside = row >= 0 && row < resized.height && column >= 0 && column < resized.width;
                const float expected =
                    inside ? (resized.pixel(row, column)[c] / 255.0F - normalization.mean[c]) / normalization.std[c]
                           : 0;
                ASSERT_EQ(canvas[std::size_t((c * 64 + y) * 64 + x)], expected) << c << " " << y << " " << x;
            }
        }
    }
}

TEST(Letterbox, BringsMasksBackWhenEnlarged) {
    Rng rng(11);
    for (int round = 0; round < 50; ++round) {
        const int width = rng.uniform_int(1, 60), height = rng.uniform_int(1, 60);
        Mask mask(height, width);
        for (auto& pixel : mask.pixels) pixel = rng.chance(0.4);
        const Letterbox placement = Letterbox::centred(width, height, 128);
        const Mask canvas = placement.mask_to_canvas(mask);
        ASSERT_EQ(canvas.width, 128);
        ASSERT_EQ(canvas.height, 128);
        // Enlarged at least twice, every picture pixel's centre falls on a canvas cell that copied it.
        std::vector<float> logits(canvas.pixels.size());
        std::transform(canvas.pixels.begin(), canvas.pixels.end(), logits.begin(),
                       [](int v) { return v != 0 ? 1.F : -1.F; });
        const std::vector<float> back = placement.logits_to_image(logits.data());
        for (std::size_t i = 0; i < back.size(); ++i)
            ASSERT_EQ(back[i] > 0, mask.pixels[i] != 0) << width << " x " << height;
        for (int x = 0; x < 128 && placement.top > 0; ++x) ASSERT_EQ(canvas.at(placement.top - 1, x), 0);
    }
}

TEST(Letterbox, SamplesLogitsAtPixelCentres) {
    // A ramp is reproduced by bilinear sampling, so each pixel must hold its own canvas coordinate.
    const Letterbox placement = Letterbox::centred(50, 20, 100);
    std::vector<float> logits(100 * 100);
    for (int y = 0; y < 100; ++y) {
        for (int x = 0; x < 100; ++x) logits[std::size_t(y * 100 + x)] = float(x) + 1000 * float(y);
    }
    const std::vector<float> out = placement.logits_to_image(logits.data());
    for (int y = 0; y < 20; ++y) {
        for (int x = 0; x < 50; ++x) {
            const float at_x = (float(x) + 0.5F) * 2 - 0.5F, at_y = (float(y) + 0.5F) * 2 + 30 - 0.5F;
            ASSERT_NEAR(out[std::size_t(y * 50 + x)], at_x + 1000 * at_y, 0.02F);  // floats near 1e5 are 0.008 apart
        }
    }
}

TEST(Letterbox, NeverReadsLogitsOfThePadding) {
    for (const auto& [width, height] : {std::pair{300, 20}, {20, 300}, {7, 3}, {1, 1}, {900, 1}}) {
        const Letterbox placement = Letterbox::centred(width, height, 32);
        std::vector<float> logits(32 * 32, std::nanf(""));
        for (int y = 0; y < placement.resized_height; ++y) {
            for (int x = 0; x < placement.resized_width; ++x) {
                logits[std::size_t((y + placement.top) * 32 + x + placement.left)] = 3.5F;
            }
        }
        for (const float value : placement.logits_to_image(logits.data())) ASSERT_EQ(value, 3.5F);
    }
}

TEST(Letterbox, RefusesWhatDoesNotFit) {
    EXPECT_THROW((void)Letterbox::centred(0, 5, 10), Error);
    EXPECT_THROW((void)Letterbox::centred(5, 5, 0), Error);
    Letterbox placement = Letterbox::centred(20, 10, 32);
    EXPECT_THROW((void)placement.mask_to_canvas(Mask(20, 10)), Error);
    std::vector<float> canvas(3 * 32 * 32);
    EXPECT_THROW(letterbox_image(Image(10, 20), placement, {}, canvas.data()), Error);
    placement.top = 32;
    EXPECT_THROW(letterbox_image(Image(20, 10), placement, {}, canvas.data()), Error);
}

}  // namespace
}  // namespace vglaw
