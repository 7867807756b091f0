// The number of threads as callers give it.
#pragma once

#include <cstdint>

#include "vglaw/core/error.h"

namespace vglaw::interface {

/// 0: every core. Throws invalid_argument outside 0 to 1024.
[[nodiscard]] inline int checked_threads(std::int32_t threads) {
    constexpr std::int32_t most = 1024;
    if (threads < 0 || threads > most)
        fail(ErrorCode::invalid_argument, "options->threads is {}; give 1 to {}, or 0 for every core", threads, most);
    return threads;
}

}  // namespace vglaw::interface
