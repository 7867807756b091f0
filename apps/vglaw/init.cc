#include <memory>

#include "apps/vglaw/command.h"
#include "vglaw/core/config_file.h"
#include "vglaw/model/bundle.h"
#include "vglaw/model/initialize.h"
#include "vglaw/train/sources.h"

namespace vglaw::app {
namespace {

struct Options {
    std::string config, out;
    std::vector<std::string> overrides;
    std::uint64_t seed = 1;
    bool active = false;
};

int run(const Options& options) {
    Json tree = read_toml(options.config);
    for (const auto& assignment : options.overrides) apply_override(tree, assignment);
    auto config = config_from_json<ExperimentConfig>(tree, options.config);
    // A start at the plain ViT hides the language path from every comparison; --active makes it speak.
    if (options.active && config.init.generate_gain == 0) config.init.generate_gain = 1;
    const auto weights = initial_weights(config.model, config.init, options.seed);
    const auto shapes = tensor_shapes(config.model);
    std::map<std::string, TensorView> views;
    std::size_t parameters = 0;
    for (const auto& [name, values] : weights) {
        views[name] = {Dtype::f32,
                       shapes.at(name),
                       {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(float)}};
        parameters += values.size();
    }
    const auto vocabulary = train::make_vocabulary(config.data.vocabulary, config.model.text.vocab_size);
    write_bundle(options.out, config.model, vocabulary, views, "Apache-2.0",
                 fmt::format("random weights, seed {}{}", options.seed, options.active ? ", active" : ""));
    fmt::print("{}: {} parameters\n", options.out, parameters);
    return 0;
}

}  // namespace

std::function<int()> setup_init(CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("config", options->config, "experiment, TOML (configs/)")->required();
    command.add_option("--out", options->out, "model file to write")->required();
    command.add_option("--seed", options->seed, "of the random weights")->check(not_negative)->capture_default_str();
    command.add_option("--set", options->overrides, "override a key: law.kind=none")->take_all();
    command.add_flag("--active", options->active, "Phi not zero, so that the expression changes the weights");
    return [options] { return run(*options); };
}

}  // namespace vglaw::app
