#include "apps/vglaw/model_option.h"

#include <filesystem>

#include "apps/vglaw/check_forward.h"
#include "apps/vglaw/torch_module.h"
#include "vglaw/core/error.h"
#include "vglaw/engine/engine_forward.h"
#include "vglaw/model/storage.h"

namespace vglaw::app {
namespace {

constexpr const char* shipped_model = "models/scenes-small.safetensors";

/// The shipped model, from the current folder or from where it lies beside the program: models/ for build/vglaw,
/// share/vglaw/models/ for bin/vglaw.
std::filesystem::path find_shipped_model() {
    namespace fs = std::filesystem;
    std::error_code ignored;
    const fs::path prefix = fs::read_symlink("/proc/self/exe", ignored).parent_path().parent_path();
    for (const fs::path& path :
         {fs::path(shipped_model), prefix / shipped_model, prefix / "share" / "vglaw" / shipped_model}) {
        if (fs::is_regular_file(path, ignored)) return path;
    }
    fail(ErrorCode::not_found, "cannot find {}; name a model file with --model", shipped_model);
}

}  // namespace

void add_model_options(CLI::App& command, ModelOptions& options) {
    command.add_option("--model", options.model, std::string("model file (default: ") + shipped_model + ")");
    command
        .add_option("--backend", options.backend,
                    "what computes: the engine, LibTorch, or both, compared; auto: the engine where it can")
        ->check(CLI::IsMember({"auto", "engine", "torch", "check"}))
        ->capture_default_str();
    command
        .add_option("--precision", options.precision,
                    "numbers that the visual blocks' products compute with; auto: int8 for a file stored so, else fp32")
        ->check(CLI::IsMember({"auto", "fp32", "int8"}))
        ->capture_default_str();
    command.add_option("--threads", options.threads, "threads of the computation; 0: every core")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
}

ModelBundle open_model(const ModelOptions& options) {
    return read_bundle(options.model.empty() ? find_shipped_model() : std::filesystem::path(options.model));
}

std::string backend_of(const ModelOptions& options, const ModelConfig& config) {
    if (options.backend != "auto") return options.backend;
    return engine::supports(config) ? "engine" : "torch";
}

std::string precision_of(const ModelOptions& options, const ModelBundle& bundle) {
    const bool torch = backend_of(options, bundle.config) == "torch";
    if (torch && options.precision == "int8") {
        fail(ErrorCode::invalid_argument, "LibTorch computes in fp32, int8 is the engine's{}",
             engine::supports(bundle.config) ? "; leave out --backend torch" : ", which does not compute this network");
    }
    if (options.precision != "auto") return options.precision;
    return !torch && storage_of(bundle) == Storage::int8 ? "int8" : "fp32";
}

std::unique_ptr<Forward> open_backend(const ModelOptions& options, const ModelBundle& bundle) {
    const std::string backend = backend_of(options, bundle.config), precision = precision_of(options, bundle);
    if (backend == "torch") return torch_module().make_forward(bundle, options.threads);
    const bool int8 = precision == "int8";
    auto engine = engine::make_engine_forward(
        bundle, options.threads, {.arithmetic = int8 ? engine::Arithmetic::int8 : engine::Arithmetic::fp32});
    if (backend == "engine") return engine;
    return std::make_unique<CheckForward>(std::move(engine), torch_module().make_forward(bundle, options.threads),
                                          int8 ? CheckForward::int8_stages : CheckForward::fp32_stages);
}

void report_check(const Forward& forward) {
    if (const auto* check = dynamic_cast<const CheckForward*>(&forward)) report(*check);
}

}  // namespace vglaw::app
