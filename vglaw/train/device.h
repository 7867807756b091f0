// Where the network is: the CPU, or one GPU a process.
#pragma once

#include <string>

#include "vglaw/net/torch.h"

namespace vglaw::train {

/// kind: train.device. A GPU is the one of gpu_index(), and this process's from now on; with `precision` bf16 what
/// stays in float32 may use its TF32 products. Throws unsupported when there is none, or this LibTorch cannot use one,
/// and as gpu_index() does.
[[nodiscard]] torch::Device open_device(const std::string& kind, int local_rank, const std::string& precision = "fp32");

/// Which of the `count` GPUs that this process sees is its own. `chosen`: the launcher shows only some to each process
/// (CUDA_VISIBLE_DEVICES, as Slurm's --gpus-per-task does); a single one is then its own whatever its number, else the
/// `local_rank`-th. Throws invalid_argument when that is -1, unsupported when there are fewer GPUs.
[[nodiscard]] int gpu_index(int local_rank, int count, bool chosen);

}  // namespace vglaw::train
