// A loop over independent items on a given number of threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <thread>

#include <omp.h>

namespace vglaw::engine {

/// Calls body(i, thread) for i in [0, count), thread in [0, threads); body must not throw. No thread but the caller's
/// is woken when threads is 1. Items are handed out as threads become free.
template <typename Body>
void parallel_for(int threads, std::size_t count, const Body& body) {
    if (threads <= 1 || count <= 1) {
        for (std::size_t i = 0; i < count; ++i) body(i, 0);
        return;
    }
#pragma omp parallel for schedule(dynamic) num_threads(threads)
    for (std::size_t i = 0; i < count; ++i) body(i, omp_get_thread_num());
}

/// The same in runs of `run` items: body(begin, end, thread).
template <typename Body>
void parallel_for_runs(int threads, std::size_t count, std::size_t run, const Body& body) {
    const std::size_t runs = (count + run - 1) / run;
    parallel_for(threads, runs, [&](std::size_t i, int thread) {
        body(i * run, (i + 1) * run < count ? (i + 1) * run : count, thread);
    });
}

/// How many threads to plan for: `asked`, or every core when that is below 1, within OMP_THREAD_LIMIT.
[[nodiscard]] inline int usable_threads(int asked) {
    const int cores = int(std::thread::hardware_concurrency());
    const int threads = asked > 0 ? asked : cores > 0 ? cores : 1;
    return std::min(threads, omp_get_thread_limit());
}

/// While it lives, OpenMP's own loops (oneDNN's) started by this thread use `threads`, of usable_threads(), and no
/// fewer: oneDNN cuts its work by the number asked for, and what threads that never came should have done is left
/// undone. So a host's or the environment's wish for a dynamic number (OMP_DYNAMIC), or for no teams at all
/// (OMP_MAX_ACTIVE_LEVELS=0), is put off as long.
class ThreadCount {
public:
    explicit ThreadCount(int threads)
        : before_(omp_get_max_threads()), dynamic_(omp_get_dynamic()), levels_(omp_get_max_active_levels()) {
        omp_set_num_threads(threads);
        if (dynamic_ != 0) omp_set_dynamic(0);
        if (levels_ < 1) omp_set_max_active_levels(1);
    }
    ThreadCount(const ThreadCount&) = delete;
    ThreadCount& operator=(const ThreadCount&) = delete;
    ~ThreadCount() {
        omp_set_num_threads(before_);
        if (dynamic_ != 0) omp_set_dynamic(dynamic_);
        if (levels_ < 1) omp_set_max_active_levels(levels_);
    }

private:
    int before_, dynamic_, levels_;
};

}  // namespace vglaw::engine
