// Whether all ranks are about to train the same thing.
#pragma once

#include <cstdint>
#include <string>

#include "vglaw/core/config_fields.h"
#include "vglaw/train/process_group.h"

namespace vglaw::train {

/// What a rank begins with. Gradients of different networks, or of different orders of samples, would add up without a
/// word; and another number of threads sums in another order, so that the ranks' weights would drift apart.
struct Standing {
    std::int64_t step = 0;
    Json sizes;         ///< of the data sets; their names may be those of folders
    std::string state;  ///< digest of weights and optimiser
    int threads = 0;    ///< of LibTorch, where it computes on the CPU; 0: no matter
};

/// To be called by every rank. Throws invalid_argument when this rank's configuration differs from rank 0's in more
/// than paths (the keys are named), or when it begins with something else.
void check_agreement(ProcessGroup& group, const Json& config, const Standing& standing);

}  // namespace vglaw::train
