// POST /v1/ground: a form, JSON or a bare picture with a query -> what is asked for.
#pragma once

#include <string>
#include <vector>

#include "vglaw/image/image.h"
#include "vglaw/serve/protocol/http_message.h"
#include "vglaw/serve/protocol/request_target.h"

namespace vglaw::serve {

struct RequestLimits {
    std::size_t expressions = 64;  ///< in one request
};

struct GroundRequest {
    std::string image;  ///< JPEG, PNG or WebP bytes, or empty when there are pixels
    Image pixels;
    std::vector<std::string> expressions;
    std::string caption;  ///< instead of expressions: phrases in square brackets
    std::string model;    ///< empty: the first one served
    bool mask_png = false, overlay_png = false, explain = false;
    bool mask_pixels = false;  ///< the masks as pixels too
};

/// By the Content-Type:
///     multipart/form-data: file `image`, fields `expression` (several), `caption`, `model`, `mask_png`, `overlay_png`,
///     `explain` ("1" or "true", "0" or "false");
///     application/json: {"image": base64, "expressions": [...], "caption", "model", "mask_png", "overlay_png", "explain"};
///     image/*, application/octet-stream: the picture itself; the rest as ?expression=...&expression=...
/// Takes the body's bytes out of `request`. Throws Refusal: 400 (broken, a field that is missing, doubled or unknown),
/// 415 (another media type, a Content-Encoding), 422 (too many expressions, both expressions and a caption, neither).
[[nodiscard]] GroundRequest parse_ground_request(HttpRequest& request, const RequestTarget& target,
                                                 const RequestLimits& limits);

}  // namespace vglaw::serve
