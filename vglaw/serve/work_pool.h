// Threads for what stands around a forward pass: decoding before, masks after. What finishes a request goes before what
// starts one, so that under load answers leave before more work comes in.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace vglaw::serve {

class WorkPool {
public:
    /// Must not throw.
    using Work = std::function<void()>;

    explicit WorkPool(int threads);
    WorkPool(const WorkPool&) = delete;
    WorkPool& operator=(const WorkPool&) = delete;
    ~WorkPool();  ///< does what is there, and what that adds

    void start(Work work);   ///< behind everything
    void finish(Work work);  ///< before all that starts

private:
    void run();
    void end();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Work> finishing_, starting_;
    bool ending_ = false;
    std::size_t busy_ = 0;
    std::vector<std::jthread> threads_;
};

}  // namespace vglaw::serve
