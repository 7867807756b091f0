#include "apps/vglaw/grounding_json.h"

namespace vglaw::app {

Json grounding_json(const Grounding& found) {
    Json json;
    json["expression"] = found.expression;
    json["box"] = {found.box_px.x0, found.box_px.y0, found.box_px.x1, found.box_px.y1};
    json["mask"]["size"] = {found.mask.height, found.mask.width};
    json["mask"]["counts"] = to_coco_string(encode(found.mask));
    json["mask_area"] = area(found.mask);
    return json;
}

}  // namespace vglaw::app
