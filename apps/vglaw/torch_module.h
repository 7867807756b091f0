// The part of the program that needs LibTorch, a library of its own that is opened when a command asks for it: commands
// that do not start at once, and run where LibTorch is not installed.
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

/// Opens libvglaw_torch.so beside the program, or in ../lib/vglaw; once. Throws unsupported when it is not there or
/// does not load, with the loader's reason.
[[nodiscard]] const TorchModule& torch_module();

}  // namespace vglaw::app
