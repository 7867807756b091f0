#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vglaw/core/error.h"
#include "vglaw/core/rng.h"
#include "vglaw/geometry/masks.h"

namespace vglaw {
namespace {

using testing::ElementsAre;

Mask random_mask(Rng& rng, int height, int width, double density) {
    Mask mask(height, width);
    for (auto& pixel : mask.pixels) pixel = rng.chance(density) ? 1 : 0;
    return mask;
}

ErrorCode code_of(const auto& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::internal;
}

TEST(Rle, ScansColumnByColumn) {
    Mask mask(2, 3);
    mask.at(0, 0) = mask.at(1, 2) = 1;
    EXPECT_THAT(encode(mask).counts, ElementsAre(0, 1, 4, 1));
    EXPECT_EQ(to_coco_string(encode(mask)), "0140") << "the fourth run is stored as 1 - 1";
    EXPECT_THAT(encode(Mask(2, 3)).counts, ElementsAre(6));
}

TEST(Rle, RoundTripsRandomMasks) {
    Rng rng(3);
    for (int i = 0; i < 300; ++i) {
        const int height = rng.uniform_int(0, 40), width = rng.uniform_int(0, 40);
        const Mask mask = random_mask(rng, height, width, i % 3 == 0 ? 0.02 : i % 3 == 1 ? 0.5 : 1.0);
        const Rle rle = encode(mask);
        EXPECT_EQ(decode(rle), mask);
        EXPECT_EQ(from_coco_string(to_coco_string(rle), height, width), rle);
        EXPECT_EQ(area(rle), area(mask));
    }
}

TEST(Rle, MergesToTheUnion) {
    Rng rng(4);
    for (int i = 0; i < 200; ++i) {
        std::vector<Rle> parts;
        Mask expected(9, 11);
        for (int k = 0; k < 1 + i % 4; ++k) {
            const Mask mask = random_mask(rng, 9, 11, 0.2);
            for (std::size_t p = 0; p < mask.pixels.size(); ++p) expected.pixels[p] |= mask.pixels[p];
            parts.push_back(encode(mask));
        }
        EXPECT_EQ(merge(parts), encode(expected));
    }
    EXPECT_EQ(decode(merge(std::vector<Rle>{{2, 2, {1, 0, 1, 2}}, {2, 2, {0, 0, 4, 0, 0}}})), decode({2, 2, {2, 2}}))
        << "zero runs inside are legal";
}

TEST(Rle, RefusesRunsThatDoNotAddUp) {
    const auto refused = [](std::vector<std::uint32_t> counts) {
        return code_of([&] { (void)decode({2, 3, counts}); }) == ErrorCode::corrupt_data;
    };
    EXPECT_FALSE(refused({1, 2, 3}));
    EXPECT_TRUE(refused({}));
    EXPECT_TRUE(refused({1, 2, 2}));
    EXPECT_TRUE(refused({1, 2, 4}));
    EXPECT_TRUE(refused({0xffffffffu, 7})) << "wraps to 6 in 32 bits";
    EXPECT_THROW((void)decode({-1, 3, {}}), Error);
    EXPECT_THROW((void)decode({1 << 20, 1 << 20, {}}), Error);
    EXPECT_THROW((void)merge({}), Error);
    EXPECT_THROW((void)merge(std::vector<Rle>{{2, 3, {6}}, {3, 2, {6}}}), Error);
    EXPECT_THROW((void)merge(std::vector<Rle>{{2, 3, {6}}, {2, 3, {7}}}), Error);
    Mask short_of_a_pixel(2, 2);
    short_of_a_pixel.pixels.pop_back();
    EXPECT_THROW((void)encode(short_of_a_pixel), Error);
}

TEST(Rle, RefusesMalformedStrings) {
    const auto refused = [](std::string_view text) {
        return code_of([&] { (void)from_coco_string(text, 2, 3); }) == ErrorCode::corrupt_data;
    };
    EXPECT_FALSE(refused("0140"));
    EXPECT_TRUE(refused("")) << "no runs for six pixels";
    EXPECT_TRUE(refused("014")) << "one pixel short";
    EXPECT_TRUE(refused("0141")) << "one pixel too many";
    EXPECT_TRUE(refused("01 0")) << "a byte below the alphabet";
    EXPECT_TRUE(refused("01\x7f")) << "a byte above the alphabet";
    EXPECT_TRUE(refused("01\xff"));
    EXPECT_TRUE(refused("014P")) << "ends inside a number";
    EXPECT_TRUE(refused("O7")) << "a run of -1";
    EXPECT_TRUE(refused("PPPPPPPP0")) << "more than 35 bits";
    EXPECT_TRUE(refused("ooooooO")) << "a large negative run";
    EXPECT_TRUE(refused(std::string(100000, 'o')));
}

TEST(Rle, SurvivesArbitraryStrings) {
    Rng rng(5);
    int accepted = 0;
    for (int i = 0; i < 20000; ++i) {
        std::string text(std::size_t(rng.uniform_int(0, 8)), ' ');
        for (char& letter : text) letter = char(rng.uniform_int(40, 120));
        try {
            const Rle rle = from_coco_string(text, 3, 3);
            EXPECT_LE(area(decode(rle)), 9u);
            ++accepted;
        } catch (const Error&) {
        }
    }
    EXPECT_GT(accepted, 0);
}

}  // namespace
}  // namespace vglaw
