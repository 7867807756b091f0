#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "apps/vglaw/command.h"
#include "vglaw/format/torch_writer.h"
#include "vglaw/model/bundle.h"

namespace vglaw::app {
namespace {

struct Target {
    const char* name;
    const char* help;
    void (*write)(const ModelBundle& bundle, const std::string& out);
};

/// One row a format; --to's help and its check follow.
constexpr Target targets[] = {
    {"torch", "a state dict for torch.load(weights_only=True), the names as in the model file",
     [](const ModelBundle& bundle, const std::string& out) { write_torch(out, bundle.file.tensors()); }},
};

struct Options {
    std::string model, out, to = "torch";
};

int run(const Options& options) {
    const ModelBundle bundle = read_bundle(options.model);
    const auto* const target =
        std::find_if(std::begin(targets), std::end(targets), [&](const Target& row) { return options.to == row.name; });
    target->write(bundle, options.out);
    fmt::print("{}: {} tensors\n", options.out, bundle.file.tensors().size());
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
    command.add_option("--to", options->to, fmt::format("{}", fmt::join(helps, "; ")))
        ->check(CLI::IsMember(names))
        ->capture_default_str();
    command.add_option("--out", options->out, "file to write")->required();
    return [options] { return run(*options); };
}

}  // namespace vglaw::app
