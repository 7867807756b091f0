#include "vglaw/train/device.h"

#include "vglaw/core/error.h"
#include "vglaw/net/compat.h"

namespace vglaw::train {

torch::Device open_device(const std::string& kind, int local_rank, const std::string& precision) {
    if (kind == "cpu") return torch::kCPU;
    const auto count = int(torch::cuda::device_count());
    if (count == 0) {
        fail(ErrorCode::unsupported,
             "train.device is cuda, but LibTorch {}.{}.{} sees no GPU; build against a LibTorch with CUDA on a machine "
             "that has one, or set train.device = cpu",
             TORCH_VERSION_MAJOR, TORCH_VERSION_MINOR, TORCH_VERSION_PATCH);
    }
    if (local_rank >= count) {
        fail(ErrorCode::unsupported,
             "this process is number {} on this machine, which has {} GPUs; start no more processes than GPUs",
             local_rank, count);
    }
    const torch::Device device(torch::kCUDA, c10::DeviceIndex(local_rank));
    net::use_gpu(device, precision == "bf16");
    return device;
}

}  // namespace vglaw::train
