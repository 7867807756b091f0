// What waits to be computed, and when a batch of it is due. No threads and no clock of its own: time is handed in.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vglaw/model/grounding_steps.h"

namespace vglaw::serve {

using TimePoint = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

/// One expression's part of a forward pass; borrowed, valid during the call that hands it over.
struct ComputedRow {
    const float* box_cxcywh = nullptr;                ///< (4)
    std::span<const float> mask_logits;               ///< (S, S)
    std::span<const float> pool_attention;            ///< (h, w) or empty
    std::span<const float> token_attention;           ///< (adapted blocks, G, L'), L' the batch's longest, or empty
    TimePoint queued{};                               ///< when it was pushed
    TimePoint started{}, finished{};                  ///< of the pass
    std::size_t batch = 0;                            ///< expressions in it
};

/// Why an expression was not computed.
enum class Uncomputed { late, abandoned, failed };

/// Whose expressions wait. Called from the batcher's threads, one call for each of its expressions, in any order.
class BatchClient {
public:
    virtual ~BatchClient() = default;
    /// Nobody waits for the answer any more.
    [[nodiscard]] virtual bool abandoned() const = 0;
    virtual void computed(std::size_t index, const ComputedRow& row) = 0;
    virtual void uncomputed(std::size_t index, Uncomputed why, const std::string& message) = 0;
};

struct BatchItem {
    std::shared_ptr<BatchClient> client;
    std::size_t index = 0;                  ///< the client's own number for it
    const float* canvas = nullptr;          ///< (3, S, S), the client's
    const GroundingQuery* query = nullptr;  ///< the client's
    TimePoint deadline = TimePoint::max();  ///< a pass that would start later does not start
    TimePoint queued{};                     ///< set by push
};

struct BatchLimits {
    std::size_t max_batch = 8;                  ///< expressions in a pass, at least 1
    Duration max_wait{0};                       ///< how long the first of a batch waits for others
    std::size_t queue = 256;                    ///< expressions that may wait
};

/// First come, first served; not thread-safe.
class BatchQueue {
public:
    explicit BatchQueue(const BatchLimits& limits) : limits_(limits) {}

    /// All or none; false when they do not fit. A request with more expressions than may wait fits an empty queue.
    [[nodiscard]] bool push(std::vector<BatchItem> items, TimePoint now);

    struct Next {
        std::vector<BatchItem> batch;           ///< to be computed now, in order; empty: nothing is due
        std::vector<BatchItem> late, abandoned; ///< taken out, to be told
        std::optional<TimePoint> due;           ///< when to ask again, if nothing comes before
    };
    /// `hurry`: no waiting for others, as when draining.
    [[nodiscard]] Next next(TimePoint now, bool hurry);

    [[nodiscard]] std::size_t size() const { return waiting_.size(); }
    [[nodiscard]] bool full() const { return waiting_.size() >= limits_.queue; }

private:
    BatchLimits limits_;
    std::deque<BatchItem> waiting_;
};

}  // namespace vglaw::serve
