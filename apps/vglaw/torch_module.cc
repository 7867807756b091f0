#include "apps/vglaw/torch_module.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>

#include "apps/vglaw/command.h"
#include "vglaw/core/error.h"

namespace vglaw::app {
namespace {

namespace fs = std::filesystem;
using Entry = const TorchModule* (*)();

const TorchModule& open_module() {
    constexpr const char* file = "libvglaw_torch.so";
    std::error_code ignored;
    const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
    for (const fs::path& path : {program / file, program.parent_path() / "lib" / "vglaw" / file}) {
        if (!fs::exists(path, ignored)) continue;
        // Never closed: LibTorch's threads and registries live to the end of the process.
        void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr)
            fail(ErrorCode::unsupported, "cannot load {}: {}; install libtorch1.13", path.string(), ::dlerror());
        const auto entry = reinterpret_cast<Entry>(::dlsym(library, "vglaw_torch_module"));
        if (entry == nullptr)
            fail(ErrorCode::unsupported, "{} is not this program's; build them together", path.string());
        return *entry();
    }
    fail(ErrorCode::unsupported,
         "training and --backend torch need {} beside the program or in ../lib/vglaw; install vglaw-torch, or build "
         "with "
         "-D VGLAW_WITH_TORCH=ON",
         file);
}

}  // namespace

const TorchModule& torch_module() {
    static const TorchModule& module = open_module();
    return module;
}

std::function<int()> setup_train(CLI::App& command) { return torch_module().setup_train(command); }

}  // namespace vglaw::app
