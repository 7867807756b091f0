// The part of the program that needs LibTorch: libvglaw_torch.so, see program_module.h.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

#include "vglaw/model/bundle.h"
#include "vglaw/model/forward.h"

namespace vglaw::app {

struct TorchModule {
    std::function<int()> (*setup_train)(CLI::App& command);
    std::unique_ptr<Forward> (*make_forward)(const ModelBundle& bundle, int threads);
};

/// Throws unsupported when the module is not there or does not load.
[[nodiscard]] const TorchModule& torch_module();

}  // namespace vglaw::app
