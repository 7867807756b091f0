#include "vglaw/scenes/scene_json.h"

#include <nlohmann/json.hpp>

#include <string>

namespace vglaw {

nlohmann::json to_json(const Scene& scene) {
    nlohmann::json objects = nlohmann::json::array();
    for (const SceneObject& object : scene.objects) {
        nlohmann::json hides = nlohmann::json::array();
        for (std::size_t j = 0; j < scene.objects.size(); ++j) {
            if (((object.hides >> j) & 1U) != 0) hides.push_back(j);
        }
        objects.push_back({{"shape", std::string(name_of(object.shape))},
                           {"colour", std::string(name_of(object.colour))},
                           {"size", std::string(name_of(object.size))},
                           {"pattern", std::string(name_of(object.pattern))},
                           {"cx", object.cx},
                           {"cy", object.cy},
                           {"radius", object.radius},
                           {"rotation", {object.cosine, object.sine}},
                           {"visible", object.visible},
                           {"hides", std::move(hides)}});
    }
    return {{"width", scene.width}, {"height", scene.height}, {"objects", std::move(objects)}};
}

}  // namespace vglaw
