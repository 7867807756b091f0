// The two ways of asking for a grounding, ours and the Open Inference Protocol's. Inside the room only.
#pragma once

#include <cstdint>
#include <string>

#include "vglaw/serve/ground_job.h"

namespace vglaw::serve {

/// POST /v1/ground.
[[nodiscard]] JobProtocol ground_protocol(const Exchange& exchange, const RequestLimits& limits);

/// POST /v2/models/MODEL/infer; `max_image_pixels` bounds an image sent as a tensor.
[[nodiscard]] JobProtocol inference_protocol(const Exchange& exchange, const std::string& model,
                                             const RequestLimits& limits, std::int64_t max_image_pixels);

}  // namespace vglaw::serve
