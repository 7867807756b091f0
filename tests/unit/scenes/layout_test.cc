#include "vglaw/scenes/layout.h"

#include <gtest/gtest.h>

#include <set>

#include "vglaw/core/error.h"
#include "vglaw/scenes/render.h"

namespace vglaw {
namespace {

TEST(Layout, KeepsTheNumberOfObjectsAndUsesAllOfThem) {
    std::set<std::size_t> counts;
    for (std::uint64_t i = 0; i < 2000; ++i) {
        Rng rng(derive_seed(1, i));
        const Scene scene = generate_scene({}, rng);
        EXPECT_GE(scene.objects.size(), 3U);
        EXPECT_LE(scene.objects.size(), 12U);
        counts.insert(scene.objects.size());
    }
    EXPECT_EQ(counts.size(), 10U);
}

TEST(Layout, VariesSizeAndAspect) {
    std::set<std::pair<int, int>> sizes;
    bool portrait = false, landscape = false;
    for (std::uint64_t i = 0; i < 500; ++i) {
        Rng rng(derive_seed(2, i));
        const Scene scene = generate_scene({}, rng);
        const int longer = std::max(scene.width, scene.height), shorter = std::min(scene.width, scene.height);
        EXPECT_GE(longer, 160);
        EXPECT_LE(longer, 320);
        EXPECT_GE(shorter, int(0.69 * longer));
        portrait = portrait || scene.height > scene.width;
        landscape = landscape || scene.width > scene.height;
        sizes.insert({scene.width, scene.height});
    }
    EXPECT_TRUE(portrait && landscape);
    EXPECT_GT(sizes.size(), 300U);
}

TEST(Layout, LeavesEveryObjectInSight) {
    for (std::uint64_t i = 0; i < 400; ++i) {
        Rng rng(derive_seed(3, i));
        const Scene scene = generate_scene({}, rng);
        const Rendering rendering = render(scene);
        for (int o = 0; o < int(scene.objects.size()); ++o) {
            std::size_t full = 0, visible = 0;
            for (const auto pixel : full_mask(scene, o).pixels) full += pixel;
            for (const auto pixel : rendering.visible_mask(o).pixels) visible += pixel;
            ASSERT_GT(full, 0U);
            const double share = double(visible) / double(full);
            EXPECT_GE(share, 0.45) << "scene " << i << " object " << o;
            // `visible` was estimated from a 16 x 16 grid: its error is about the outline's share of the cells.
            EXPECT_NEAR(share, double(scene.objects[std::size_t(o)].visible), 0.13) << "scene " << i << " object " << o;
        }
    }
}

TEST(Layout, OverlapsSomeObjects) {
    int hidden = 0, all = 0;
    for (std::uint64_t i = 0; i < 500; ++i) {
        Rng rng(derive_seed(4, i));
        const Scene scene = generate_scene({}, rng);
        for (const auto& object : scene.objects) hidden += object.visible < 1 ? 1 : 0;
        all += int(scene.objects.size());
    }
    EXPECT_GT(hidden, all / 20);
    EXPECT_LT(hidden, all / 2);
}

TEST(Layout, UsesEveryShapeColourSizeAndPattern) {
    std::set<Shape> shapes;
    std::set<Colour> colours;
    std::set<SizeClass> sizes;
    std::set<Pattern> patterns;
    for (std::uint64_t i = 0; i < 200; ++i) {
        Rng rng(derive_seed(5, i));
        for (const auto& object : generate_scene({}, rng).objects) {
            shapes.insert(object.shape);
            colours.insert(object.colour);
            sizes.insert(object.size);
            patterns.insert(object.pattern);
        }
    }
    EXPECT_EQ(shapes.size(), shape_names.size());
    EXPECT_EQ(colours.size(), colour_names.size());
    EXPECT_EQ(sizes.size(), size_names.size());
    EXPECT_EQ(patterns.size(), pattern_names.size());
}

TEST(Layout, KeepsTheSizeClassesApart) {
    for (std::uint64_t i = 0; i < 300; ++i) {
        Rng rng(derive_seed(6, i));
        const Scene scene = generate_scene({}, rng);
        for (const auto& a : scene.objects) {
            for (const auto& b : scene.objects) {
                if (a.size > b.size) {
                    EXPECT_GT(a.radius, 1.2F * b.radius);
                }
            }
        }
    }
}

TEST(Layout, RefusesOptionsOutOfRange) {
    Rng rng(1);
    for (const LayoutOptions& options :
         {LayoutOptions{0, 12, 160, 320}, LayoutOptions{5, 4, 160, 320}, LayoutOptions{3, 33, 160, 320},
          LayoutOptions{3, 12, 10, 320}, LayoutOptions{3, 12, 320, 160}, LayoutOptions{3, 12, 160, 9999}}) {
        try {
            static_cast<void>(generate_scene(options, rng));
            FAIL() << "no error";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
        }
    }
}

}  // namespace
}  // namespace vglaw
