#include "vglaw/serve/batcher.h"

#include <algorithm>
#include <exception>
#include <system_error>

#include "vglaw/core/error.h"

namespace vglaw::serve {
namespace {

using Clock = std::chrono::steady_clock;

void tell(const std::vector<BatchItem>& items, Uncomputed why, const std::string& message) {
    for (const auto& item : items) item.client->uncomputed(item.index, why, message);
}

}  // namespace

/// One worker's network and buffers, reused from pass to pass.
struct Batcher::Worker {
    std::unique_ptr<Forward> forward;
    std::vector<float> side_by_side;
    QueryBatch queries;
    ForwardOutput output;

    ForwardInput gather(const std::vector<BatchItem>& batch, std::size_t canvas) {
        queries.clear();
        for (const auto& item : batch) queries.add(*item.query);
        const bool one = std::all_of(batch.begin(), batch.end(),
                                     [&](const BatchItem& item) { return item.canvas == batch.front().canvas; });
        if (one) return queries.input(batch.front().canvas, true);
        side_by_side.resize(batch.size() * canvas);
        float* place = side_by_side.data();
        for (const auto& item : batch) place = std::copy_n(item.canvas, canvas, place);
        return queries.input(side_by_side.data(), false);
    }
};

Batcher::Batcher(const BatchLimits& limits, int workers, const MakeForward& make_forward, OnPass on_pass)
    : queue_(limits), on_pass_(std::move(on_pass)) {
    if (limits.max_batch < 1 || limits.queue < 1 || workers < 1)
        fail(ErrorCode::invalid_argument, "a batcher needs a batch, a queue and workers of at least 1");
    for (int i = 0; i < workers; ++i) {
        workers_.push_back(std::make_unique<Worker>());
        workers_.back()->forward = make_forward();
    }
    try {
        for (const auto& worker : workers_) threads_.emplace_back([this, &worker] { work(*worker); });
    } catch (const std::system_error& error) {
        const std::size_t started = threads_.size();
        drain();  // those that are there wait for work, and would be waited for
        fail(ErrorCode::io, "cannot start worker {} of {}: {}", started + 1, workers, error.what());
    }
}

Batcher::~Batcher() { drain(); }

bool Batcher::push(std::vector<BatchItem> items) {
    {
        const std::lock_guard lock(mutex_);
        if (draining_ || !queue_.push(std::move(items), Clock::now())) return false;
    }
    changed_.notify_one();
    return true;
}

void Batcher::drain() {
    {
        const std::lock_guard lock(mutex_);
        draining_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

std::size_t Batcher::waiting() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
}

bool Batcher::full() const {
    const std::lock_guard lock(mutex_);
    return queue_.full();
}

void Batcher::work(Worker& worker) {
    std::unique_lock lock(mutex_);
    for (;;) {
        BatchQueue::Next next = queue_.next(Clock::now(), draining_);
        if (next.batch.empty() && next.late.empty() && next.abandoned.empty()) {
            if (draining_ && queue_.size() == 0) return;
            if (next.due) {
                changed_.wait_until(lock, *next.due);
            } else {
                changed_.wait(lock);
            }
            continue;
        }
        const bool more = queue_.size() > 0;
        lock.unlock();
        if (more) changed_.notify_one();  // another worker may have something to do, or to wait for
        tell(next.abandoned, Uncomputed::abandoned, "nobody waits for the answer");
        tell(next.late, Uncomputed::late, "the deadline passed before its turn came");
        if (!next.batch.empty()) compute(worker, next.batch);
        next = {};  // the clients go without the lock held
        lock.lock();
    }
}

void Batcher::compute(Worker& worker, const std::vector<BatchItem>& batch) {
    const std::size_t side = std::size_t(worker.forward->config().image.size), count = batch.size();
    ForwardOutput& output = worker.output;
    const TimePoint started = Clock::now();
    try {
        worker.forward->run(worker.gather(batch, 3 * side * side), output);
    } catch (const std::exception& error) {
        tell(batch, Uncomputed::failed, error.what());
        return;
    }
    const TimePoint finished = Clock::now();
    if (on_pass_) on_pass_(count, finished - started);
    const std::size_t pool = output.pool_attention.size() / count, tokens = output.token_attention.size() / count;
    for (std::size_t i = 0; i < count; ++i) {
        const ComputedRow row{.box_cxcywh = output.boxes_cxcywh.data() + 4 * i,
                              .mask_logits = std::span(output.mask_logits).subspan(i * side * side, side * side),
                              .pool_attention = std::span(output.pool_attention).subspan(i * pool, pool),
                              .token_attention = std::span(output.token_attention).subspan(i * tokens, tokens),
                              .queued = batch[i].queued,
                              .started = started,
                              .finished = finished,
                              .batch = count};
        batch[i].client->computed(batch[i].index, row);
    }
}

}  // namespace vglaw::serve
