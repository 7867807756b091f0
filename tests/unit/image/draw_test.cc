#include "vglaw/image/draw.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

Image flat(int width, int height, std::uint8_t level = 128) {
    Image image(width, height);
    std::fill(image.rgb.begin(), image.rgb.end(), level);
    return image;
}

bool gray(const std::uint8_t* pixel) { return pixel[0] == pixel[1] && pixel[1] == pixel[2]; }

TEST(DrawGrounding, MarksTheBoxAndTheMaskAndNothingElseInThePicture) {
    Mask mask(480, 640);
    for (int y = 200; y < 260; ++y) std::fill_n(&mask.at(y, 300), 80, std::uint8_t{1});
    const DrawnGrounding grounding{"left ball", BoxXyxy{100, 100, 200, 180}, mask};
    const Image out = draw_grounding(flat(640, 480), std::span(&grounding, 1));
    ASSERT_EQ(out.width, 640);
    EXPECT_GT(out.height, 480);  // the legend
    EXPECT_FALSE(gray(out.pixel(140, 100)));
    EXPECT_FALSE(gray(out.pixel(100, 150)));
    EXPECT_FALSE(gray(out.pixel(230, 340)));
    for (int y = 0; y < 480; ++y) {
        for (int x = 0; x < 640; ++x) {
            const bool near_box =
                x > 90 && x < 210 && y > 90 && y<190, near_mask = x> 294 && x < 386 && y > 194 && y < 266;
            if (!near_box && !near_mask) {
                ASSERT_EQ(out.pixel(y, x)[0], 128) << x << " " << y;
            }
        }
    }
}

TEST(DrawGrounding, GivesExpressionsTheirOwnColours) {
    const DrawnGrounding both[] = {{"a", BoxXyxy{50, 50, 150, 150}, {}}, {"b", BoxXyxy{350, 50, 450, 150}, {}}};
    const Image out = draw_grounding(flat(640, 300), both);
    EXPECT_NE(out.pixel(100, 50)[0], out.pixel(100, 350)[0]);
}

TEST(DrawGrounding, EnlargesTinyAndReducesHugePictures) {
    EXPECT_EQ(draw_grounding(flat(32, 16), {}).width, 640);
    EXPECT_EQ(draw_grounding(flat(32, 16), {}).height, 320);
    EXPECT_EQ(draw_grounding(flat(8192, 4), {}).width, 4096);
    EXPECT_GE(draw_grounding(flat(1, 900), std::vector<DrawnGrounding>{{"thin", {}, {}}}).width, 360);
}

TEST(DrawGrounding, SurvivesAnyTextAndAnyBox) {
    const float nan = std::nanf(""), inf = std::numeric_limits<float>::infinity();
    std::vector<DrawnGrounding> groundings = {{"", BoxXyxy{nan, 0, 1, 1}, {}},
                                              {std::string(20000, 'x'), BoxXyxy{-50, -50, 9999, 9999}, {}},
                                              {"bad \xff\xc3 utf-8 \xed\xa0\x80\x01\n", BoxXyxy{0, -inf, 5, inf}, {}},
                                              {std::string("a\0b", 3), BoxXyxy{40, 40, 10, 10}, {}},
                                              {"\xe7\xba\xa2\xe8\x89\xb2 \xf0\x9f\x98\x80", std::nullopt, {}}};
    const Image out = draw_grounding(flat(64, 48), groundings);
    EXPECT_EQ(out, draw_grounding(flat(64, 48), groundings));  // and the same pixels twice
    EXPECT_EQ(out.width, 640);
}

TEST(DrawGrounding, LeavesOutTheLegendWhenAsked) {
    const DrawnGrounding grounding{"left ball", BoxXyxy{100, 100, 200, 180}, {}};
    EXPECT_EQ(draw_grounding(flat(640, 480), std::span(&grounding, 1), Legend::none).height, 480);
}

TEST(DrawGrounding, RefusesMasksOfAnotherSize) {
    const DrawnGrounding grounding{"x", {}, Mask(10, 10)};
    EXPECT_THROW((void)draw_grounding(flat(20, 20), std::span(&grounding, 1)), Error);
    EXPECT_THROW((void)draw_grounding(Image(), {}), Error);
}

TEST(DrawHeatMap, IsLightestWhereTheWeightIs) {
    std::vector<float> weights(4 * 4, 0.0F);
    weights[1 * 4 + 2] = 0.7F;  // centre at (0.625, 0.375) of the picture
    const Image out = draw_heat_map(flat(640, 640), weights, 4, 4);
    int best = -1, at_x = 0, at_y = 0;
    for (int y = 0; y < 640; ++y) {
        for (int x = 0; x < 640; ++x) {
            const int light = out.pixel(y, x)[0] + out.pixel(y, x)[1];
            if (light > best) best = light, at_x = x, at_y = y;
        }
    }
    EXPECT_NEAR(at_x, 400, 4);  // a flat top: several pixels round to the same level
    EXPECT_NEAR(at_y, 240, 4);
}

TEST(DrawHeatMap, SkipsWhatLiesOverPadding) {
    // 640 x 320 on a square canvas: rows 0 and 3 of a 4 x 4 grid lie over padding.
    std::vector<float> weights(16, 0.1F);
    const Letterbox placement = Letterbox::centred(640, 320, 448);
    const Image even = draw_heat_map(flat(640, 320), weights, 4, 4, placement);
    for (std::size_t i = 3; i < even.rgb.size(); ++i) ASSERT_EQ(even.rgb[i], even.rgb[i % 3]);
    weights[4 + 1] = 0.5F;  // second row, second column: the picture's upper half, left of the middle
    const Image out = draw_heat_map(flat(640, 320), weights, 4, 4, placement);
    EXPECT_GT(out.pixel(80, 240)[1], out.pixel(240, 240)[1] + 20);
    EXPECT_GT(out.pixel(80, 240)[1], out.pixel(80, 560)[1] + 20);
}

TEST(DrawHeatMap, RefusesGridsThatDoNotMatchAndSurvivesNan) {
    const std::vector<float> weights(12, std::nanf(""));
    EXPECT_THROW((void)draw_heat_map(flat(64, 64), weights, 4, 4), Error);
    EXPECT_THROW((void)draw_heat_map(flat(64, 64), weights, 3, 4, Letterbox::centred(60, 64, 32)), Error);
    EXPECT_EQ(draw_heat_map(flat(64, 64), weights, 3, 4).width, 640);
}

TEST(DrawTokenAttention, GrowsWithTokensAndBlocks) {
    const std::vector<std::string> three = {"[CLS]", "red", "[SEP]"}, two = {"[CLS]", "[SEP]"};
    const std::vector<int> first_two = {0, 1}, first_five = {0, 1, 2, 3, 4};
    const Image small = draw_token_attention(std::vector<float>(2 * 3 * 2, 0.5F), first_two, 3, two);
    const Image wide = draw_token_attention(std::vector<float>(2 * 3 * 3, 0.33F), first_two, 3, three);
    const Image tall = draw_token_attention(std::vector<float>(5 * 3 * 2, 0.5F), first_five, 3, two);
    EXPECT_GT(wide.width, small.width);
    EXPECT_GT(tall.height, small.height);
}

TEST(DrawTokenAttention, AveragesOverGroups) {
    const std::vector<std::string> tokens = {"a", "b"};
    const std::vector<float> two_groups = {1, 0, 0, 1}, their_mean = {0.5F, 0.5F};
    const std::vector<int> one = {0}, two = {0, 1}, three = {0, 1, 2};
    EXPECT_EQ(draw_token_attention(two_groups, one, 2, tokens), draw_token_attention(their_mean, one, 1, tokens));
    EXPECT_NE(draw_token_attention(two_groups, two, 1, tokens), draw_token_attention(two_groups, one, 2, tokens));
    EXPECT_THROW((void)draw_token_attention(two_groups, three, 1, tokens), Error);
    EXPECT_THROW((void)draw_token_attention({}, {}, 1, tokens), Error);
}

TEST(DrawTokenAttention, NamesBlocksByTheirIndex) {
    const std::vector<std::string> tokens = {"a", "b"};
    const std::vector<float> weights = {0.25F, 0.75F};
    const std::vector<int> first = {0}, fourth = {3};
    EXPECT_NE(draw_token_attention(weights, first, 1, tokens), draw_token_attention(weights, fourth, 1, tokens));
}

TEST(DrawContactSheet, LaysTilesOutInReadingOrder) {
    const std::vector<Tile> tiles = {
        {flat(50, 50, 10), "first"}, {flat(80, 20, 60), ""}, {flat(3, 9, 200), "third tile, second row"}};
    const Image sheet = draw_contact_sheet(tiles, 2, 64);
    EXPECT_EQ(sheet.width, 12 + 2 * (64 + 12));
    EXPECT_EQ(sheet.pixel(12 + 32, 12 + 32)[0], 10);
    EXPECT_EQ(sheet.pixel(12 + 32, 12 + 64 + 12 + 32)[0], 60);
    EXPECT_EQ(sheet.pixel(sheet.height / 2 + 6 + 32, 12 + 32)[0], 200);
}

TEST(DrawContactSheet, RefusesEmptyAndEndlessSheets) {
    EXPECT_THROW((void)draw_contact_sheet({}, 2), Error);
    EXPECT_THROW((void)draw_contact_sheet(std::vector<Tile>{{Image(), "x"}}, 2), Error);
    EXPECT_THROW((void)draw_contact_sheet(std::vector<Tile>(5000, {flat(1, 1), ""}), 1), Error);
}

}  // namespace
}  // namespace vglaw
