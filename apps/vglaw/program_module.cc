#include "apps/vglaw/program_module.h"

#include <dlfcn.h>

#include <filesystem>

#include "vglaw/core/error.h"

namespace vglaw::app {

const void* open_module(const ProgramModule& module) {
    namespace fs = std::filesystem;
    using Entry = const void* (*)();
    std::error_code ignored;
    const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
    for (const fs::path& path : {program / module.file, program.parent_path() / "lib" / "vglaw" / module.file}) {
        if (!fs::exists(path, ignored)) continue;
        // Never closed: a library's threads and registries live to the end of the process.
        void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) {
            fail(ErrorCode::unsupported, "cannot load {}: {}; install {}", path.string(), ::dlerror(), module.package);
        }
        const auto entry = reinterpret_cast<Entry>(::dlsym(library, module.entry));
        if (entry == nullptr)
            fail(ErrorCode::unsupported, "{} is not this program's; build them together", path.string());
        return entry();
    }
    fail(ErrorCode::unsupported, "{}", module.absent);
}

}  // namespace vglaw::app
