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

/// To be called before the first work with several threads: from then on it is noticed when this process is forked.
void watch_for_forks();
/// Whether this process is a child made by fork() after that. Of the parent's OpenMP threads it has none, and would
/// wait for them for ever: only work on one thread can be done in it.
[[nodiscard]] bool is_forked() noexcept;

}  // namespace vglaw::interface
