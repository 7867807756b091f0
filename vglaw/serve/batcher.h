// Expressions of many requests into forward passes of several: threads around a BatchQueue. No sockets.
//
//     Batcher batcher({.max_batch = 8}, 1, [&] { return std::make_unique<engine::EngineForward>(model, 2); });
//     if (!batcher.push(std::move(items))) refuse();   // the clients hear of their items from the batcher's threads
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "vglaw/model/forward.h"
#include "vglaw/serve/batch_queue.h"

namespace vglaw::serve {

class Batcher {
public:
    /// Makes one worker's network.
    using MakeForward = std::function<std::unique_ptr<Forward>()>;
    /// Told after each pass, from its thread: how many expressions, and how long it took.
    using OnPass = std::function<void(std::size_t expressions, Duration took)>;

    /// Calls make_forward once a worker, before it returns. Throws what that throws.
    Batcher(const BatchLimits& limits, int workers, const MakeForward& make_forward, OnPass on_pass = {});
    Batcher(const Batcher&) = delete;
    Batcher& operator=(const Batcher&) = delete;
    /// Drains. Not to be called from a client's computed().
    ~Batcher();

    /// All or none, at once; false when they do not fit, or after drain(). The clients must not be called back by this
    /// call itself, and are not.
    [[nodiscard]] bool push(std::vector<BatchItem> items);
    /// Takes nothing more, computes what waits, and returns when the last pass is over. May be called twice.
    void drain();

    [[nodiscard]] std::size_t waiting() const;
    [[nodiscard]] bool full() const;

private:
    struct Worker;
    void work(Worker& worker);
    void compute(Worker& worker, const std::vector<BatchItem>& batch);

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    BatchQueue queue_;
    bool draining_ = false;
    OnPass on_pass_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<std::jthread> threads_;
};

}  // namespace vglaw::serve
