// JSON from strangers: bounded in depth and in values before it becomes objects.
#pragma once

#include <string_view>

#include "vglaw/core/config_fields.h"

namespace vglaw::serve {

struct JsonLimits {
    int depth = 16;               ///< lists and objects inside each other
    std::size_t values = 100'000; ///< of any kind, keys included
};

/// Throws Refusal (400) for what is not JSON (naming the byte) and for what goes beyond the limits.
[[nodiscard]] Json parse_bounded(std::string_view text, const JsonLimits& limits = {});

}  // namespace vglaw::serve
