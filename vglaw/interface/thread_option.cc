#include "vglaw/interface/thread_option.h"

#include <pthread.h>

#include <atomic>
#include <mutex>

namespace vglaw::interface {
namespace {

std::atomic<bool> forked{false};

}  // namespace

void watch_for_forks() {
    static std::once_flag once;
    std::call_once(once, [] { ::pthread_atfork(nullptr, nullptr, [] { forked = true; }); });
}

bool is_forked() noexcept { return forked; }

}  // namespace vglaw::interface
