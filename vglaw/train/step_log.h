// Sums over the steps between two lines of metrics.jsonl. A checkpoint stores them, so that the first line after a
// resumption is the mean over the same steps as if nothing had happened.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "vglaw/core/config_fields.h"
#include "vglaw/train/trainer.h"

namespace vglaw::train {

/// The losses of one step, over its whole batch on all ranks; the parts unweighted, 0 where not trained.
struct StepLosses {
    static constexpr std::size_t count = 7;
    double total = 0, l1 = 0, giou = 0, focal = 0, dice = 0, pooling = 0, labelling = 0;
};

class StepLog {
public:
    void add(const StepLosses& losses, double gradient_norm);
    /// A step that was left out: it counts in no mean.
    void skip();
    /// Time that is not training (a validation, a checkpoint) and must not count in samples_per_second.
    void leave_out(double seconds) { left_out_ += seconds; }
    /// Means since the last report (not a number without a step), then starts anew. `waited`: the loader's
    /// wait_seconds().
    [[nodiscard]] StepReport report(int batch, double waited);

    [[nodiscard]] Json sums() const;
    /// Sums that are missing or damaged count as none: the log may be wrong for one line, the training is not.
    void restore(const Json& sums);

private:
    using Clock = std::chrono::steady_clock;
    std::array<double, 8>
        sums_{};  // loss, l1, giou, focal, dice, gradient norm, pooling, labelling: as checkpoints have them
    std::int64_t steps_ = 0;  // in sums_
    std::int64_t skipped_ = 0;
    std::int64_t timed_steps_ = 0;  // since start_; fewer after a resumption
    double waited_ = 0, left_out_ = 0;
    Clock::time_point start_ = Clock::now();
};

}  // namespace vglaw::train
