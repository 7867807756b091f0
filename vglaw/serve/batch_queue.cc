#include "vglaw/serve/batch_queue.h"

#include <algorithm>
#include <iterator>

namespace vglaw::serve {

bool BatchQueue::push(std::vector<BatchItem> items, TimePoint now) {
    if (!waiting_.empty() && waiting_.size() + items.size() > limits_.queue) return false;
    for (auto& item : items) {
        item.queued = now;
        waiting_.push_back(std::move(item));
    }
    return true;
}

BatchQueue::Next BatchQueue::next(TimePoint now, bool hurry) {
    Next next;
    // All of them, not only the first few: who is late is told so when it is late, and its place is free.
    std::deque<BatchItem> kept;
    for (auto& item : waiting_) {
        if (item.client->abandoned()) {
            next.abandoned.push_back(std::move(item));
        } else if (item.deadline <= now) {
            next.late.push_back(std::move(item));
        } else {
            kept.push_back(std::move(item));
        }
    }
    waiting_ = std::move(kept);
    if (waiting_.empty()) return next;
    const TimePoint patience = waiting_.front().queued + limits_.max_wait;
    if (hurry || waiting_.size() >= limits_.max_batch || patience <= now) {
        const auto count = std::ptrdiff_t(std::min(limits_.max_batch, waiting_.size()));
        next.batch.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.begin() + count));
        waiting_.erase(waiting_.begin(), waiting_.begin() + count);
        return next;
    }
    next.due = patience;
    for (const auto& item : waiting_) next.due = std::min(*next.due, item.deadline);
    return next;
}

}  // namespace vglaw::serve
