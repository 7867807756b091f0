#include "vglaw/serve/scene_example.h"

#include <algorithm>
#include <vector>

#include "vglaw/core/config_fields.h"
#include "vglaw/image/encode.h"
#include "vglaw/scenes/render.h"
#include "vglaw/scenes/scene_dataset.h"
#include "vglaw/serve/protocol/base64.h"

namespace vglaw::serve {
namespace {

constexpr std::size_t most_expressions = 6;

}  // namespace

std::string scene_example_json(std::uint64_t seed) {
    const SceneOptions options{.min_objects = 4, .max_objects = 9, .min_side = 320, .max_side = 320};
    const Situation situation = make_situation(options, seed, 0);
    const Rendering rendering = render(situation.scene);
    std::vector<Expression> expressions{situation.expression};
    Rng rng(derive_seed(seed, 1));
    for (int object = 0; object < int(situation.scene.objects.size()); ++object) {
        if (expressions.size() == most_expressions) break;
        if (object == situation.expression.referent) continue;
        if (auto found = describe(situation.scene, object, style_from_name(options.style), rng))
            expressions.push_back(std::move(*found));
    }
    Json json;
    json["image"] = to_base64(encode_png(rendering.image));
    json["width"] = rendering.image.width;
    json["height"] = rendering.image.height;
    json["expressions"] = Json::array();
    for (const auto& expression : expressions) {
        const BoxXyxy box = rendering.visible_box_px(expression.referent);
        json["expressions"].push_back({{"text", expression.text}, {"box", {box.x0, box.y0, box.x1, box.y1}}});
    }
    return json.dump() + "\n";
}

}  // namespace vglaw::serve
