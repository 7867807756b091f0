// What differs between LibTorch 1.13 (Debian 12) and 2.x, in one place.
#pragma once

#include <string>

#include <ATen/autocast_mode.h>

#include "vglaw/net/torch.h"

namespace vglaw::net {

/// The key under which an optimiser keeps a parameter's state: a text in 1.x, a pointer since 2.1.
inline auto optimizer_key(const torch::Tensor& parameter) {
#if TORCH_VERSION_MAJOR < 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR < 1)
    return c10::guts::to_string(parameter.unsafeGetTensorImpl());
#else
    return static_cast<void*>(parameter.unsafeGetTensorImpl());
#endif
}

/// While it lives, matrix products on the CPU run in bfloat16 with fp32 weights behind them (mixed precision); `on`
/// false: nothing.
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

private:
    static void set(bool on) {
#if TORCH_VERSION_MAJOR < 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR < 4)
        at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
        at::autocast::set_cpu_enabled(on);
#else
        for (const auto device : {at::kCPU, at::kCUDA}) {
            at::autocast::set_autocast_dtype(device, at::kBFloat16);
            at::autocast::set_autocast_enabled(device, on);
        }
#endif
    }
    bool on_;
};

}  // namespace vglaw::net
