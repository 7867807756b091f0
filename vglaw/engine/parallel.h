// A loop over independent items on a given number of threads.
#pragma once

#include <cstddef>

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

/// While it lives, OpenMP's own loops (oneDNN's) started by this thread use `threads`.
class ThreadCount {
public:
    explicit ThreadCount(int threads) : before_(omp_get_max_threads()) { omp_set_num_threads(threads); }
    ThreadCount(const ThreadCount&) = delete;
    ThreadCount& operator=(const ThreadCount&) = delete;
    ~ThreadCount() { omp_set_num_threads(before_); }

private:
    int before_;
};

}  // namespace vglaw::engine
