// Whether all ranks are about to train the same thing.
#pragma once

#include <cstdint>

#include "vglaw/core/config_fields.h"
#include "vglaw/train/process_group.h"

namespace vglaw::train {

/// To be called by every rank. Throws invalid_argument when this rank's configuration differs from rank 0's in more
/// than paths and numbers of threads (the keys are named), or when it stands after another step.
void check_agreement(ProcessGroup& group, const Json& config, std::int64_t step);

}  // namespace vglaw::train
