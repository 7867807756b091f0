// The answer of POST /v1/ground as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vglaw/core/config_fields.h"
#include "vglaw/model/grounding_steps.h"

namespace vglaw::serve {

/// The mask is kept as runs: a request may have many, and a picture many pixels.
struct GroundedExpression {
    std::string expression;
    BoxXyxy box_px;
    std::string mask_counts;  ///< COCO's compressed RLE
    std::size_t mask_area = 0;
    bool truncated = false;  ///< its end lies behind the most tokens the model reads
    std::string mask_png;    ///< bytes; empty: not asked for
    std::optional<Explanation> explanation;
};

struct GroundTimes {
    double queue = 0, compute = 0, total = 0;  ///< ms: waiting for a pass, the passes, from the whole request on
};

struct GroundReply {
    std::string model;
    int width = 0, height = 0;  ///< of the picture, px
    std::vector<GroundedExpression> results;
    std::string mask_pixels;  ///< (N, height, width) of 0 and 1, when asked for
    std::string overlay_png;  ///< bytes; empty: not asked for
    GroundTimes milliseconds;
    std::string request_id;
};

/// {"grid", "pool_attention": [row][column], "placement": {"x", "y", "width", "height", "canvas"}, "tokens", "blocks",
/// "token_attention": [block][group][token]}; placement in pixels of the canvas.
[[nodiscard]] Json explanation_json(const Explanation& explanation);
/// One line. box and mask are what `vglaw ground --json` prints.
[[nodiscard]] std::string reply_json(const GroundReply& reply);

}  // namespace vglaw::serve
