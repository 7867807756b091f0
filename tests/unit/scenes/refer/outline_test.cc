#include "vglaw/scenes/refer/outline.h"

#include <gtest/gtest.h>

#include "vglaw/core/rng.h"
#include "vglaw/scenes/render.h"
#include "vglaw/scenes/scene_dataset.h"

namespace vglaw {
namespace {

/// The mask that a reader of COCO polygons gets back.
Mask rasterized(const std::vector<Polygon>& polygons, int height, int width) {
    std::vector<Rle> parts;
    for (const Polygon& polygon : polygons) parts.push_back(rasterize(polygon, height, width));
    return decode(merge(parts));
}

Mask from_rows(const std::vector<std::string>& rows) {
    Mask mask(int(rows.size()), int(rows[0].size()));
    for (int y = 0; y < mask.height; ++y) {
        for (int x = 0; x < mask.width; ++x) mask.at(y, x) = rows[std::size_t(y)][std::size_t(x)] == '#' ? 1 : 0;
    }
    return mask;
}

TEST(Outline, GoesAroundARectangle) {
    const auto polygons = outline_polygons(from_rows({".....", ".##..", ".##..", "....."}));
    ASSERT_EQ(polygons.size(), 1U);
    EXPECT_EQ(polygons[0], (Polygon{1, 1, 3, 1, 3, 3, 1, 3}));
}

TEST(Outline, IsEmptyForAnEmptyMask) { EXPECT_TRUE(outline_polygons(Mask(4, 5)).empty()); }

TEST(Outline, KeepsHolesAndPixelsThatTouchByACorner) {
    for (const auto& rows : std::vector<std::vector<std::string>>{
             {"###", "#.#", "###"},
             {"#.", ".#"},
             {".#", "#."},
             {"#"},
             {"#####", "#.#.#", "#####", "#..##", "#####"},
             {"#######", "#.....#", "#.###.#", "#.#.#.#", "#.###.#", "#.....#", "#######"}}) {
        const Mask mask = from_rows(rows);
        EXPECT_EQ(rasterized(outline_polygons(mask), mask.height, mask.width), mask) << rows[0];
    }
}

TEST(Outline, ComesBackAsTheSameMaskForRandomPixels) {
    Rng rng(1);
    for (int trial = 0; trial < 200; ++trial) {
        Mask mask(rng.uniform_int(1, 14), rng.uniform_int(1, 14));
        for (auto& pixel : mask.pixels) pixel = rng.chance(0.6) ? 1 : 0;
        if (area(mask) == 0) continue;
        EXPECT_EQ(rasterized(outline_polygons(mask), mask.height, mask.width), mask) << trial;
    }
}

TEST(Outline, ComesBackAsTheSameMaskForObjects) {
    for (std::uint64_t i = 0; i < 40; ++i) {
        const Scene scene = make_situation({}, 3, i).scene;
        const Rendering rendering = render(scene);
        for (int o = 0; o < int(scene.objects.size()); ++o) {
            const Mask mask = rendering.visible_mask(o);
            EXPECT_EQ(rasterized(outline_polygons(mask), mask.height, mask.width), mask) << i << " " << o;
        }
    }
}

}  // namespace
}  // namespace vglaw
