#include "apps/vglaw/torch_module.h"

#include "apps/vglaw/command.h"
#include "apps/vglaw/program_module.h"

namespace vglaw::app {

const TorchModule& torch_module() {
    static const auto* const module = static_cast<const TorchModule*>(
        open_module({.file = "libvglaw_torch.so",
                     .entry = "vglaw_torch_module",
                     .package = "libtorch1.13",
                     .absent = "training and --backend torch need libvglaw_torch.so beside the program: install the "
                               "package vglaw-torch, or build with -D "
                               "VGLAW_WITH_TORCH=ON"}));
    return *module;
}

std::function<int()> setup_train(CLI::App& command) { return torch_module().setup_train(command); }

}  // namespace vglaw::app
