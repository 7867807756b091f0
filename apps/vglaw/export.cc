#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "apps/vglaw/command.h"
#include "apps/vglaw/onnx_module.h"
#include "vglaw/core/error.h"
#include "vglaw/format/torch_writer.h"
#include "vglaw/model/storage.h"

namespace vglaw::app {
namespace {

struct Options {
    std::string model, out, to = "torch", head, precision;
};

/// Returns what was written, for people.
std::string write_state_dict(const ModelBundle& bundle, const Options& options) {
    write_torch(options.out, bundle.file.tensors());
    return fmt::format("{} tensors", bundle.file.tensors().size());
}

std::string write_onnx(const ModelBundle& bundle, const Options& options) {
    const auto written = onnx_module().export_onnx(
        bundle, {.folded_head = options.head != "plain", .producer_version = VGLAW_VERSION}, options.out);
    return fmt::format("ONNX opset 17, {} nodes, {:.1f} MiB", written.nodes, double(written.bytes) / (1 << 20));
}

struct Target {
    const char* name;
    const char* help;
    std::string (*write)(const ModelBundle& bundle, const Options& options);
};

/// One row a format; --to's help and its check follow.
constexpr Target targets[] = {
    {"torch", "a state dict for torch.load(weights_only=True), the names as in the model file", write_state_dict},
    {"onnx", "the whole network for ONNX Runtime and others, docs/onnx.md", write_onnx},
};

/// Another model file of this program's.
int store(const ModelBundle& bundle, const Options& options) {
    for (const Storage storage : {Storage::fp32, Storage::f16, Storage::int8}) {
        if (name_of(storage) == options.precision) write_bundle_stored(options.out, bundle, storage);
    }
    const auto before = std::filesystem::file_size(options.model), after = std::filesystem::file_size(options.out);
    fmt::print("{}: {}, {} bytes, {:.2f} of what it was\n", options.out, options.precision, after,
               double(after) / double(before));
    return 0;
}

int run(const Options& options) {
    if (!options.head.empty() && options.to != "onnx") {
        fail(ErrorCode::invalid_argument, "--head is for --to onnx; a state dict has the same weights either way");
    }
    const ModelBundle bundle = read_bundle(options.model);
    if (!options.precision.empty()) return store(bundle, options);
    if (storage_of(bundle) == Storage::int8) {
        fail(ErrorCode::unsupported, "{} holds int8; 'vglaw export {} --precision fp32' makes a file of floats first",
             options.model, options.model);
    }
    const auto* const target =
        std::find_if(std::begin(targets), std::end(targets), [&](const Target& row) { return options.to == row.name; });
    fmt::print("{}: {}\n", options.out, target->write(bundle, options));
    return 0;
}

}  // namespace

std::function<int()> setup_export(CLI::App& command) {
    auto options = std::make_shared<Options>();
    std::vector<std::string> names, helps;
    for (const Target& target : targets) {
        names.emplace_back(target.name);
        helps.push_back(fmt::format("{}: {}", target.name, target.help));
    }
    command.add_option("model", options->model, "model file")->required();
    auto* const to = command.add_option("--to", options->to, fmt::format("{}", fmt::join(helps, "; ")))
                         ->check(CLI::IsMember(names))
                         ->capture_default_str();
    command
        .add_option("--precision", options->precision,
                    "instead: the same model file with its weights stored so; f16 halves it, int8 also quantises the "
                    "products' weights")
        ->check(CLI::IsMember({"fp32", "f16", "int8"}))
        ->excludes(to);
    command.add_option("--out", options->out, "file to write")->required();
    command
        .add_option("--head", options->head,
                    "--to onnx: the mask head's last convolution folded with the expression (the default, far fewer "
                    "operations), or plain, as the paper draws it")
        ->check(CLI::IsMember({"folded", "plain"}));
    return [options] { return run(*options); };
}

}  // namespace vglaw::app
