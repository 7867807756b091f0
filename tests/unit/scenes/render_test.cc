#include "vglaw/scenes/render.h"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

#include "vglaw/scenes/scene_dataset.h"

namespace vglaw {
namespace {

/// FNV-1a over the picture, the owners and the words.
std::uint64_t fingerprint(const Rendering& rendering, std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    const auto take = [&hash](std::uint8_t byte) { hash = (hash ^ byte) * 0x100000001b3ULL; };
    for (const auto byte : rendering.image.rgb) take(byte);
    for (const auto byte : rendering.owner) take(byte);
    for (const char letter : text) take(std::uint8_t(letter));
    return hash;
}

Scene one_object(Shape shape, Colour colour, float radius, Pattern pattern = Pattern::plain) {
    Scene scene;
    scene.width = scene.height = 64;
    scene.background_seed = 5;
    SceneObject object;
    object.shape = shape;
    object.colour = colour;
    object.pattern = pattern;
    object.cx = object.cy = 32;
    object.radius = radius;
    scene.objects = {object};
    return scene;
}

TEST(Render, GivesTheSameBytesOnEveryMachine) {
    // A difference here means that another compiler, flag or machine draws other pixels: data sets would not be
    // reproducible.
    constexpr std::array<std::uint64_t, 6> known = {17996532203809848149ULL, 15559222260023493837ULL,
                                                    12312964037788109039ULL, 10064891853326563980ULL,
                                                    11385108239836924543ULL, 3413018985308296570ULL};
    for (std::size_t i = 0; i < known.size(); ++i) {
        const Situation situation = make_situation({.style = "mixed"}, 2024, i);
        EXPECT_EQ(fingerprint(render(situation.scene), situation.expression.text), known[i])
            << i << ": " << situation.expression.text;
    }
}

TEST(Render, MasksAndBoxesAgree) {
    for (std::uint64_t i = 0; i < 100; ++i) {
        const Situation situation = make_situation({}, 4, i);
        const Rendering rendering = render(situation.scene);
        for (int o = 0; o < int(situation.scene.objects.size()); ++o) {
            const Mask mask = rendering.visible_mask(o);
            int x0 = mask.width, y0 = mask.height, x1 = 0, y1 = 0;
            for (int y = 0; y < mask.height; ++y) {
                for (int x = 0; x < mask.width; ++x) {
                    if (mask.at(y, x) == 0) continue;
                    x0 = std::min(x0, x), y0 = std::min(y0, y), x1 = std::max(x1, x + 1), y1 = std::max(y1, y + 1);
                }
            }
            EXPECT_EQ(rendering.visible_box_px(o), (BoxXyxy{float(x0), float(y0), float(x1), float(y1)}));
        }
    }
}

TEST(Render, ShowsTheObjectInFront) {
    Scene scene = one_object(Shape::ball, Colour::red, 20);
    scene.objects.push_back(scene.objects[0]);
    scene.objects[1].colour = Colour::blue;
    scene.objects[1].cx = 44;
    const Rendering rendering = render(scene);
    EXPECT_EQ(rendering.owner[32 * 64 + 45], 1);
    EXPECT_EQ(rendering.owner[32 * 64 + 15], 0);
    const std::uint8_t* pixel = rendering.image.pixel(34, 44);
    EXPECT_GT(pixel[2], pixel[0]);  // blue over red
    // Both cover it; one owns it.
    EXPECT_EQ(full_mask(scene, 0).at(32, 40), 1);
    EXPECT_EQ(rendering.visible_mask(0).at(32, 40), 0);
}

TEST(Render, CoversAsMuchAsTheShapeHas) {
    // Area of a disc and of a ring between radii 0.46 and 1, within 2 % for the pixel grid at radius 28.
    const auto covered = [](Shape shape) {
        double pixels = 0;
        for (const auto pixel : full_mask(one_object(shape, Colour::red, 28), 0).pixels) pixels += pixel;
        return pixels / (28.0 * 28.0);
    };
    EXPECT_NEAR(covered(Shape::ball), 3.1416, 0.06);
    EXPECT_NEAR(covered(Shape::ring), 3.1416 * (1 - 0.46 * 0.46), 0.06);
    EXPECT_NEAR(covered(Shape::hexagon), 2.598, 0.06);
    EXPECT_NEAR(covered(Shape::diamond), 2 * 0.68, 0.04);
    EXPECT_NEAR(covered(Shape::triangle), 1.299, 0.04);
}

TEST(Render, KeepsEveryShapeWithinItsCircle) {
    for (std::size_t shape = 0; shape < shape_names.size(); ++shape) {
        const Mask mask = full_mask(one_object(Shape(shape), Colour::red, 24), 0);
        double pixels = 0;
        for (int y = 0; y < 64; ++y) {
            for (int x = 0; x < 64; ++x) {
                if (mask.at(y, x) == 0) continue;
                ++pixels;
                const double dx = x + 0.5 - 32, dy = y + 0.5 - 32;
                EXPECT_LE(dx * dx + dy * dy, 24 * 24 * 1.06 * 1.06 + 1) << shape_names[shape];
            }
        }
        EXPECT_GT(pixels, 24 * 24 * 0.8) << shape_names[shape];
    }
}

TEST(Render, TellsAnyTwoShapesApartAtSixteenPixels) {
    for (std::size_t a = 0; a < shape_names.size(); ++a) {
        for (std::size_t b = 0; b < a; ++b) {
            const Mask one = full_mask(one_object(Shape(a), Colour::red, 8), 0),
                       two = full_mask(one_object(Shape(b), Colour::red, 8), 0);
            double same = 0, either = 0;
            for (std::size_t i = 0; i < one.pixels.size(); ++i) {
                same += one.pixels[i] & two.pixels[i];
                either += one.pixels[i] | two.pixels[i];
            }
            EXPECT_LT(same / either, 0.88) << shape_names[a] << " and " << shape_names[b];
        }
    }
}

TEST(Render, KeepsColoursApart) {
    // The mean colour over the object is nearest to its own name's, for every pair, whatever the shading and tint.
    const auto mean_of = [](Colour colour, std::uint32_t look) {
        Scene scene = one_object(Shape::cube, colour, 16);
        scene.objects[0].look = look;
        const Rendering rendering = render(scene);
        std::array<double, 3> mean{};
        double pixels = 0;
        for (std::size_t i = 0; i < rendering.owner.size(); ++i) {
            if (rendering.owner[i] != 0) continue;
            ++pixels;
            for (std::size_t c = 0; c < 3; ++c) mean[c] += rendering.image.rgb[3 * i + c];
        }
        for (auto& value : mean) value /= pixels;
        return mean;
    };
    const auto distance = [](const auto& a, const auto& b) {
        double sum = 0;
        for (std::size_t c = 0; c < 3; ++c) sum += (a[c] - b[c]) * (a[c] - b[c]);
        return sum;
    };
    for (std::size_t a = 0; a < colour_names.size(); ++a) {
        const auto first = mean_of(Colour(a), 1);
        for (std::uint32_t look = 2; look < 8; ++look) {
            const auto again = mean_of(Colour(a), look * 2654435761U);
            for (std::size_t b = 0; b < colour_names.size(); ++b) {
                if (a != b) {
                    EXPECT_LT(distance(first, again), distance(first, mean_of(Colour(b), look)));
                }
            }
        }
    }
}

}  // namespace
}  // namespace vglaw
