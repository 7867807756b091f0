// Sums over the steps between two lines of metrics.jsonl. A checkpoint stores them, so that the first line after a
// resumption is the mean over the same steps as if nothing had happened.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "vglaw/core/config_fields.h"
#include "vglaw/train/loss.h"
#include "vglaw/train/trainer.h"

namespace vglaw::train {

class StepLog {
public:
    void add(double total, const LossParts& parts, double gradient_norm);
    /// Time that is not training (a validation, a checkpoint) and must not count in samples_per_second.
    void leave_out(double seconds) { left_out_ += seconds; }
    /// Means since the last report, then starts anew. `waited`: the loader's wait_seconds(). At least one step was
    /// added.
    [[nodiscard]] StepReport report(int batch, double waited);

    [[nodiscard]] Json sums() const;
    /// Sums that are missing or damaged count as none: the log may be wrong for one line, the training is not.
    void restore(const Json& sums);

private:
    using Clock = std::chrono::steady_clock;
    std::array<double, 8> sums_{};  // loss, l1, giou, focal, dice, gradient norm, pooling, labelling
    std::int64_t steps_ = 0;        // in sums_
    std::int64_t timed_steps_ = 0;  // since start_; fewer after a resumption
    double waited_ = 0, left_out_ = 0;
    Clock::time_point start_ = Clock::now();
};

}  // namespace vglaw::train
