// Where the network is: the CPU, or one GPU a process.
#pragma once

#include <string>

#include "vglaw/net/torch.h"

namespace vglaw::train {

/// kind: train.device. A GPU is the `local_rank`-th of this machine. Throws unsupported when there is none, or this
/// LibTorch cannot use one.
[[nodiscard]] torch::Device open_device(const std::string& kind, int local_rank);

}  // namespace vglaw::train
