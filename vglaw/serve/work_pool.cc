#include "vglaw/serve/work_pool.h"

#include <system_error>
#include <utility>

#include "vglaw/core/error.h"

namespace vglaw::serve {

WorkPool::WorkPool(int threads) {
    try {
        for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
    } catch (const std::system_error& error) {
        const std::size_t started = threads_.size();
        end();  // those that are there wait for work, and would be waited for
        fail(ErrorCode::io, "cannot start thread {} of the {} that prepare and finish requests: {}", started + 1,
             threads, error.what());
    }
}

WorkPool::~WorkPool() { end(); }

void WorkPool::end() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    threads_.clear();  // joins
}

void WorkPool::start(Work work) {
    {
        const std::lock_guard lock(mutex_);
        starting_.push_back(std::move(work));
    }
    changed_.notify_one();
}

void WorkPool::finish(Work work) {
    {
        const std::lock_guard lock(mutex_);
        finishing_.push_back(std::move(work));
    }
    changed_.notify_one();
}

void WorkPool::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return !finishing_.empty() || !starting_.empty() || (ending_ && busy_ == 0); });
        auto& queue = finishing_.empty() ? starting_ : finishing_;
        if (queue.empty()) return;
        {
            const Work work = std::move(queue.front());
            queue.pop_front();
            ++busy_;
            lock.unlock();
            work();
        }  // what the work holds goes without the lock
        lock.lock();
        if (--busy_ == 0 && ending_) changed_.notify_all();
    }
}

}  // namespace vglaw::serve
