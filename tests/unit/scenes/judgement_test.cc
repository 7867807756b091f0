#include "vglaw/scenes/judgement.h"

#include <gtest/gtest.h>

#include "vglaw/scenes/scene_dataset.h"

namespace vglaw {
namespace {

Scene pair_at(float dx, float dy) {
    Scene scene;
    scene.width = scene.height = 200;
    scene.objects.resize(2);
    scene.objects[0].cx = scene.objects[0].cy = 100;  // the anchor
    scene.objects[1].cx = 100 + dx;
    scene.objects[1].cy = 100 + dy;
    scene.objects[0].radius = scene.objects[1].radius = 16;
    return scene;
}

TEST(Judgement, NeverContradictsItsOwnDefinition) {
    // yes implies plain, no implies not plain: what makes a clear reading a true one.
    const auto consistent = [](const Judgement& j) {
        return (j.clear != Truth::yes || j.plain) && (j.clear != Truth::no || !j.plain);
    };
    for (std::uint64_t i = 0; i < 300; ++i) {
        const Scene scene = make_situation({}, 1, i).scene;
        const int count = int(scene.objects.size());
        for (int o = 0; o < count; ++o) {
            EXPECT_TRUE(consistent(judge_hidden(scene.objects[std::size_t(o)])));
            for (std::size_t r = 0; r < region_names.size(); ++r) {
                EXPECT_TRUE(consistent(judge_region(scene, scene.objects[std::size_t(o)], Region(r))))
                    << region_names[r];
            }
            for (int a = 0; a < count; ++a) {
                if (a == o) continue;
                for (std::size_t r = 0; r < relation_names.size(); ++r) {
                    if (Relation(r) == Relation::nearest_to) continue;
                    EXPECT_TRUE(consistent(judge_relation(scene, o, a, Relation(r)))) << relation_names[r];
                }
                for (int b = 0; b < count; ++b) {
                    if (b == a || b == o) continue;
                    EXPECT_TRUE(consistent(judge_between(scene, o, a, b)));
                }
            }
        }
    }
}

TEST(Judgement, WantsAClearStepForLeftOf) {
    EXPECT_EQ(judge_relation(pair_at(-60, 10), 1, 0, Relation::left_of).clear, Truth::yes);
    EXPECT_EQ(judge_relation(pair_at(60, 10), 1, 0, Relation::left_of).clear, Truth::no);
    EXPECT_EQ(judge_relation(pair_at(-10, 0), 1, 0, Relation::left_of).clear, Truth::unclear);   // lies over it
    EXPECT_EQ(judge_relation(pair_at(-30, 90), 1, 0, Relation::left_of).clear, Truth::unclear);  // rather below it
    EXPECT_EQ(judge_relation(pair_at(0, 90), 1, 0, Relation::left_of).clear, Truth::unclear);
    EXPECT_EQ(judge_relation(pair_at(0, 90), 1, 0, Relation::below).clear, Truth::yes);
}

TEST(Judgement, MirrorsLeftAndRightAboveAndBelow) {
    for (std::uint64_t i = 0; i < 100; ++i) {
        const Scene scene = make_situation({}, 2, i).scene;
        for (int o = 0; o < int(scene.objects.size()); ++o) {
            for (int a = 0; a < o; ++a) {
                EXPECT_EQ(judge_relation(scene, o, a, Relation::left_of).clear,
                          judge_relation(scene, a, o, Relation::right_of).clear);
                EXPECT_EQ(judge_relation(scene, o, a, Relation::above).clear,
                          judge_relation(scene, a, o, Relation::below).clear);
                EXPECT_EQ(judge_relation(scene, o, a, Relation::behind).clear,
                          judge_relation(scene, a, o, Relation::in_front_of).clear);
            }
        }
    }
}

TEST(Judgement, CallsOnlyNeighboursNextToEachOther) {
    EXPECT_TRUE(close_together(pair_at(50, 0), pair_at(50, 0).objects[0], pair_at(50, 0).objects[1]));
    EXPECT_FALSE(close_together(pair_at(90, 0), pair_at(90, 0).objects[0], pair_at(90, 0).objects[1]));
}

}  // namespace
}  // namespace vglaw
