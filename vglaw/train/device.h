// Where the network is: the CPU, or one GPU a process.
#pragma once

#include <string>

#include "vglaw/net/torch.h"

namespace vglaw::train {

/// kind: train.device. A GPU is the `local_rank`-th of this machine, and this process's from now on; with `precision`
/// bf16 what stays in float32 may use its TF32 products. Throws unsupported when there is none, or this LibTorch cannot
/// use one.
[[nodiscard]] torch::Device open_device(const std::string& kind, int local_rank, const std::string& precision = "fp32");

}  // namespace vglaw::train
