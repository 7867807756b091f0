#include "vglaw/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace vglaw::train {

double learning_rate_factor(const TrainConfig& config, std::int64_t step, std::int64_t steps_an_epoch,
                            std::int64_t total_steps) {
    if (step < config.warmup_steps) return double(step + 1) / double(config.warmup_steps);
    if (config.schedule == "cosine") {
        const double length = double(std::max<std::int64_t>(total_steps - config.warmup_steps, 1));
        const double done = std::min(1.0, double(step - config.warmup_steps) / length);
        return config.min_lr_share + (1 - config.min_lr_share) * 0.5 * (1 + std::cos(std::numbers::pi * done));
    }
    double factor = 1;
    for (const int epoch : config.step_epochs) {
        if (step >= std::int64_t{epoch} * steps_an_epoch) factor *= config.step_factor;
    }
    return factor;
}

}  // namespace vglaw::train
