// A generated picture with expressions for things in it: what somebody without a picture can try.
#pragma once

#include <cstdint>
#include <string>

namespace vglaw::serve {

/// {"image": base64 of a PNG, "width", "height", "expressions": [{"text", "box": [x0, y0, x1, y1] px}]}; the same seed,
/// the same answer. A few milliseconds.
[[nodiscard]] std::string scene_example_json(std::uint64_t seed);

}  // namespace vglaw::serve
