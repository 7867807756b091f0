// A scene's objects in the form of scenes.json.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "vglaw/scenes/scene.h"

namespace vglaw {

/// {"width", "height", "objects": [{"shape", "colour", "size", "pattern", "cx", "cy", "radius", "rotation": [cosine,
/// sine], "visible", "hides": [indices]}, ...]}: pixels, y down, objects from back to front.
[[nodiscard]] nlohmann::json to_json(const Scene& scene);

}  // namespace vglaw
