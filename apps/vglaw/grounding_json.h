// One expression's answer as JSON: what `ground --json` prints and a batch's output holds.
#pragma once

#include "vglaw/core/config_fields.h"
#include "vglaw/model/grounder.h"

namespace vglaw::app {

/// {"expression", "box": [x0, y0, x1, y1] in the picture's pixels, "mask": {"size": [h, w], "counts": COCO's compressed
/// run lengths}, "mask_area": pixels}
[[nodiscard]] Json grounding_json(const Grounding& found);

}  // namespace vglaw::app
