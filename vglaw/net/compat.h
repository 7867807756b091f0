// What differs between LibTorch 1.13 (Debian 12) and 2.x, in one place.
#pragma once

#include <exception>
#include <new>
#include <string>
#include <string_view>

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

/// Whether LibTorch could not get memory: an error of its own class on a GPU, a text on the CPU in every version.
inline bool is_out_of_memory(const std::exception& error) {
    const std::string_view text = error.what();
    return dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr ||
           dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
           text.find("can't allocate memory") != std::string_view::npos ||
           text.find("not enough memory") != std::string_view::npos ||
           text.find("out of memory") != std::string_view::npos;
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

private:
    static void set(bool on) {
#if TORCH_VERSION_MAJOR < 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR < 4)
        at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
        at::autocast::set_cpu_enabled(on);
        at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
        at::autocast::set_enabled(on);
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
