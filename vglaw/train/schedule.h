// The learning rate over the run, as a factor of each group's own rate.
#pragma once

#include <cstdint>

#include "vglaw/train/experiment.h"

namespace vglaw::train {

/// Pure in the step, so a resumed run needs no state. step counts from 0; steps_an_epoch, total_steps > 0.
[[nodiscard]] double learning_rate_factor(const TrainConfig& config, std::int64_t step, std::int64_t steps_an_epoch,
                                          std::int64_t total_steps);

}  // namespace vglaw::train
