// What differs between LibTorch 1.13 (Debian 12) and 2.x, in one place.
#pragma once

#include <exception>
#include <new>
#include <string>
#include <string_view>

#include <ATen/autocast_mode.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include "vglaw/net/torch.h"

/// Whether this LibTorch is of that version or a later one.
#define VGLAW_TORCH_SINCE(major, minor) \
    (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

#if VGLAW_TORCH_SINCE(2, 10)
#include <c10/core/CachingDeviceAllocator.h>
#endif

namespace vglaw::net {

/// The key under which an optimiser keeps a parameter's state: a text in 1.x, a pointer since 2.1.
inline auto optimizer_key(const torch::Tensor& parameter) {
#if VGLAW_TORCH_SINCE(2, 1)
    return static_cast<void*>(parameter.unsafeGetTensorImpl());
#else
    return c10::guts::to_string(parameter.unsafeGetTensorImpl());
#endif
}

/// Whether LibTorch could not get memory: an error of its own class on a GPU, a text on the CPU in every version.
inline bool is_out_of_memory(const std::exception& error) {
    const std::string_view text = error.what();
    return dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr ||
           dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
           text.find("can't allocate memory") != std::string_view::npos ||
           text.find("not enough memory") != std::string_view::npos ||
           text.find("out of memory") != std::string_view::npos ||
           text.find("_STATUS_ALLOC_FAILED") != std::string_view::npos;  // cuBLAS's and cuDNN's own
}

/// Whether LibTorch has attention as one operation that takes a bias with a gradient. Without it, and on the CPU, where
/// a bias with a gradient makes it take the same steps as we do (and slower in bfloat16), attention is written out.
constexpr bool has_fused_attention = VGLAW_TORCH_SINCE(2, 2);

/// softmax(q k^T / sqrt(d) + bias) v. q, k, v: (B, heads, N, d), bias: (B, heads, N, N) of the same type -> as q
inline torch::Tensor fused_attention(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                                     const torch::Tensor& bias) {
#if VGLAW_TORCH_SINCE(2, 2)
    return at::scaled_dot_product_attention(q, k, v, bias);
#else
    (void)k, (void)v, (void)bias;
    TORCH_CHECK(false, "this LibTorch has no scaled_dot_product_attention");
    return q;
#endif
}

/// From now on this process works on the GPU `device` (its pinned memory and its kernels belong to that one, not to the
/// first), and float32 products may run in TF32, 10 bits of mantissa, where `tf32`.
inline void use_gpu(const torch::Device& device, bool tf32) {
    c10::impl::VirtualGuardImpl(device.type()).setDevice(device);
    at::globalContext().setAllowTF32CuBLAS(tf32);
#if VGLAW_TORCH_SINCE(2, 4)
    // cuDNN's attention has no gradient for a bias, and 2.11's gave NaN for some lengths (pytorch issue 196678).
    at::globalContext().setSDPUseCuDNN(false);
#endif
}

/// Most memory that tensors on the GPU `device` held at once so far, MiB; 0 on the CPU and where this LibTorch does not
/// tell it without CUDA's headers.
inline double gpu_peak_memory_mib(const torch::Device& device) {
#if VGLAW_TORCH_SINCE(2, 10)
    if (device.is_cuda()) {
        const auto stats = c10::getDeviceAllocator(device.type())->getDeviceStats(device.index());
        return double(stats.allocated_bytes[std::size_t(c10::CachingAllocator::StatType::AGGREGATE)].peak) / (1 << 20);
    }
#endif
    (void)device;
    return 0;
}

/// While it lives, matrix products run in bfloat16 with fp32 weights behind them (mixed precision), on whichever
/// device; `on` false: nothing.
class AutocastBf16 {
public:
    explicit AutocastBf16(bool on) : on_(on) {
        if (on_) set(true);
    }
    AutocastBf16(const AutocastBf16&) = delete;
    AutocastBf16& operator=(const AutocastBf16&) = delete;
    ~AutocastBf16() {
        if (!on_) return;
        set(false);
        at::autocast::clear_cache();  // the cast copies of the weights are stale after the optimiser's step
    }

    /// Whether mixed precision is on for the CPU, in this thread.
    [[nodiscard]] static bool is_on() {
#if VGLAW_TORCH_SINCE(2, 4)
        return at::autocast::is_autocast_enabled(at::kCPU);
#else
        return at::autocast::is_cpu_enabled();
#endif
    }

private:
    static void set(bool on) {
#if VGLAW_TORCH_SINCE(2, 4)
        for (const auto device : {at::kCPU, at::kCUDA}) {
            at::autocast::set_autocast_dtype(device, at::kBFloat16);
            at::autocast::set_autocast_enabled(device, on);
        }
#else
        at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
        at::autocast::set_cpu_enabled(on);
        at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
        at::autocast::set_enabled(on);
#endif
    }
    bool on_;
};

}  // namespace vglaw::net
