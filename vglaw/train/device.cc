#include "vglaw/train/device.h"

#include <cstdlib>

#include "vglaw/core/error.h"
#include "vglaw/net/compat.h"

namespace vglaw::train {

int gpu_index(int local_rank, int count, bool chosen) {
    if (chosen && count == 1) return 0;
    if (local_rank < 0) {
        fail(
            ErrorCode::invalid_argument,
            "which of this machine's {} GPUs is this process's? Set LOCAL_RANK to its number among the processes here, "
            "or CUDA_VISIBLE_DEVICES to its GPU",
            count);
    }
    if (local_rank >= count) {
        fail(ErrorCode::unsupported,
             "this process is number {} on this machine, which has {} GPUs; start no more processes than GPUs",
             local_rank, count);
    }
    return local_rank;
}

torch::Device open_device(const std::string& kind, int local_rank, const std::string& precision) {
    if (kind == "cpu") return torch::kCPU;
    const auto count = int(torch::cuda::device_count());
    if (count == 0) {
        fail(ErrorCode::unsupported,
             "train.device is cuda, but LibTorch {}.{}.{} sees no GPU; build against a LibTorch with CUDA on a machine "
             "that has one, or set train.device = cpu",
             TORCH_VERSION_MAJOR, TORCH_VERSION_MINOR, TORCH_VERSION_PATCH);
    }
    const int index = gpu_index(local_rank, count, std::getenv("CUDA_VISIBLE_DEVICES") != nullptr);
    const torch::Device device(torch::kCUDA, c10::DeviceIndex(index));
    net::use_gpu(device, precision == "bf16");
    return device;
}

}  // namespace vglaw::train
