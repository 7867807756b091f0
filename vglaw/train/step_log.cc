#include "vglaw/train/step_log.h"

#include <algorithm>

namespace vglaw::train {
void StepLog::add(const StepLosses& losses, double gradient_norm) {
    const std::array values{losses.total, losses.l1,     losses.giou,    losses.focal,
                            losses.dice,  gradient_norm, losses.pooling, losses.labelling};
    for (std::size_t i = 0; i < values.size(); ++i) sums_[i] += values[i];
    ++steps_;
    ++timed_steps_;
}

void StepLog::skip() {
    ++skipped_;
    ++timed_steps_;
}

StepReport StepLog::report(int batch, double waited) {
    const double steps = double(steps_);
    StepReport report;
    report.loss = sums_[0] / steps;
    report.l1 = sums_[1] / steps;
    report.giou = sums_[2] / steps;
    report.focal = sums_[3] / steps;
    report.dice = sums_[4] / steps;
    report.gradient_norm = sums_[5] / steps;
    report.pooling = sums_[6] / steps;
    report.labelling = sums_[7] / steps;
    report.skipped = skipped_;
    const double spent = std::chrono::duration<double>(Clock::now() - start_).count() - left_out_;
    const double seconds = std::max(spent, 1e-9);
    report.samples_per_second = double(timed_steps_) * batch / seconds;
    report.data_wait = std::clamp((waited - waited_) / seconds, 0.0, 1.0);
    *this = StepLog();
    waited_ = waited;
    return report;
}

Json StepLog::sums() const { return {{"steps", steps_}, {"sums", sums_}, {"skipped", skipped_}}; }

void StepLog::restore(const Json& sums) {
    try {
        const auto steps = sums.at("steps").get<std::int64_t>();
        const auto values = sums.at("sums").get<std::array<double, 8>>();
        const auto skipped = sums.value("skipped", std::int64_t{0});
        if (steps < 0 || skipped < 0) return;
        skipped_ = skipped;
        steps_ = steps;
        sums_ = values;
    } catch (const nlohmann::json::exception&) {
        return;
    }
}

}  // namespace vglaw::train
