#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <memory>

#include "apps/vglaw/command.h"
#include "vglaw/model/storage.h"

namespace vglaw::app {
namespace {

struct Options {
    std::string model;
    bool tensors = false, json = false;
};

struct Group {
    std::size_t tensors = 0, parameters = 0, bytes = 0;
};

int run(const Options& options) {
    const ModelBundle bundle = read_bundle(options.model);
    const TensorShapes network = tensor_shapes(bundle.config);
    std::map<std::string, Group> groups;
    Group all;
    for (const auto& [name, view] : bundle.file.tensors()) {
        for (Group* group : {&groups[name.substr(0, name.find('.'))], &all}) {
            group->tensors += 1;
            if (network.contains(name)) group->parameters += view.numel();  // scales are how int8 is stored
            group->bytes += view.bytes.size();
        }
    }
    if (options.json) {
        Json json;
        json["model"] = options.model;
        json["config"] = config_to_json(bundle.config);
        json["license"] = bundle.license;
        json["source"] = bundle.source;
        json["precision"] = name_of(storage_of(bundle));
        json["parameters"] = all.parameters;
        json["bytes"] = all.bytes;
        for (const auto& [name, group] : groups) json["groups"][name] = group.parameters;
        if (options.tensors) {
            for (const auto& [name, view] : bundle.file.tensors()) {
                json["tensors"][name] = {{"dtype", name_of(view.dtype)}, {"shape", view.shape}};
            }
        }
        fmt::print("{}\n", json.dump(2));
        return 0;
    }
    fmt::print("{}\nlicence  {}\nsource   {}\nstored   {}\nconfig   {}\n\n", options.model, bundle.license,
               bundle.source, name_of(storage_of(bundle)), config_to_json(bundle.config).dump());
    fmt::print("{:<20}{:>9}{:>14}{:>14}\n", "part", "tensors", "parameters", "bytes");
    for (const auto& [name, group] : groups) {
        fmt::print("{:<20}{:>9}{:>14}{:>14}\n", name, group.tensors, group.parameters, group.bytes);
    }
    fmt::print("{:<20}{:>9}{:>14}{:>14}\n", "all", all.tensors, all.parameters, all.bytes);
    if (options.tensors) {
        fmt::print("\n");
        for (const auto& [name, view] : bundle.file.tensors()) {
            fmt::print("{:<72} {:<5} [{}]\n", name, name_of(view.dtype), fmt::join(view.shape, ", "));
        }
    }
    return 0;
}

}  // namespace

std::function<int()> setup_inspect(CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("model", options->model, "model file")->required();
    command.add_flag("--tensors", options->tensors, "list every tensor");
    command.add_flag("--json", options->json, "one JSON object");
    return [options] { return run(*options); };
}

}  // namespace vglaw::app
