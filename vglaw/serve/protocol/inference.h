// The Open Inference Protocol, version 2 over REST, with the extension for binary tensors: what tritonclient, KServe and
// their load balancers speak (kserve.github.io/website, "Open Inference Protocol"; Triton's extension_binary_data.md).
#pragma once

#include <string>
#include <vector>

#include "vglaw/core/config_fields.h"
#include "vglaw/serve/protocol/ground_reply.h"
#include "vglaw/serve/protocol/ground_request.h"

namespace vglaw::serve {

struct WantedOutput {
    std::string name;
    bool binary = false;
};

struct InferenceRequest {
    GroundRequest ground;
    std::string id;                     ///< the client's, echoed; may be empty
    std::vector<WantedOutput> outputs;  ///< at least one
};

/// POST /v2/models/NAME/infer. Inputs:
///     image       BYTES [1], a JPEG, PNG or WebP (as JSON with "parameters": {"content_type": "base64"}),
///                 or UINT8 [H, W, 3], RGB
///     expression  BYTES [N]
/// Outputs, `box` and `rle` unless others are asked for:
///     box   FP32 [N, 4]     x0, y0, x1, y1, pixels of the picture
///     rle   BYTES [N]       COCO's compressed counts
///     mask  UINT8 [N, H, W] 0 and 1
///     size  INT32 [2]       H, W
/// Takes the body's bytes out of `request`. Throws Refusal: 400 (broken, unknown or missing tensors, another type or
/// shape), 413 (a picture above max_pixels), 415 (a Content-Encoding), 422 (too many expressions).
[[nodiscard]] InferenceRequest parse_inference_request(HttpRequest& request, const RequestLimits& limits,
                                                       std::int64_t max_pixels);

/// Binary tensors follow the JSON, whose length Inference-Header-Content-Length says. Throws Refusal (400) for a mask
/// as JSON that is larger than a million numbers.
[[nodiscard]] HttpResponse inference_response(const InferenceRequest& request, const GroundReply& reply);

/// {"name", "versions", "platform", "inputs", "outputs"}
[[nodiscard]] Json inference_metadata(const std::string& model);
/// {"name", "version", "extensions"}
[[nodiscard]] Json inference_server(const std::string& version);

}  // namespace vglaw::serve
