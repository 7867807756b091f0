#include "vglaw/scenes/scene_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "vglaw/scenes/scene_dataset.h"

namespace vglaw {
namespace {

TEST(SceneJson, HoldsEachObjectExactly) {
    const Scene scene = make_situation({}, 4, 2).scene;
    const auto json = nlohmann::json::parse(to_json(scene).dump());
    EXPECT_EQ(json["width"], scene.width);
    ASSERT_EQ(json["objects"].size(), scene.objects.size());
    for (std::size_t i = 0; i < scene.objects.size(); ++i) {
        const auto& item = json["objects"][i];
        EXPECT_EQ(item["shape"], std::string(name_of(scene.objects[i].shape)));
        EXPECT_EQ(item["colour"], std::string(name_of(scene.objects[i].colour)));
        // Through decimal text and back without a bit lost.
        EXPECT_EQ(item["cx"].get<float>(), scene.objects[i].cx);
        EXPECT_EQ(item["radius"].get<float>(), scene.objects[i].radius);
        EXPECT_EQ(item["visible"].get<float>(), scene.objects[i].visible);
        std::uint32_t hides = 0;
        for (const auto& j : item["hides"]) hides |= 1U << j.get<unsigned>();
        EXPECT_EQ(hides, scene.objects[i].hides);
    }
}

}  // namespace
}  // namespace vglaw
