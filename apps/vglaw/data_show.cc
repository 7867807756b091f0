#include <fmt/format.h>

#include <memory>

#include "apps/vglaw/data.h"
#include "apps/vglaw/dataset_options.h"
#include "vglaw/evaluate/example_sheet.h"
#include "vglaw/image/encode.h"

namespace vglaw::app {
namespace {

struct Options {
    DatasetOptions data;
    std::size_t count = 12;
    std::uint64_t seed = 1;
    std::string out = "examples.png";
};

int run(const Options& options) {
    const auto data = open_with_notes(options.data);
    const auto examples = choose_examples(data->size(), options.count, options.seed);
    save_png(options.out, draw_example_sheet(*data, examples));
    fmt::print("{}: {} of {} expressions of {}\n", options.out, examples.size(), data->size(), data->name());
    return 0;
}

}  // namespace

std::function<int()> setup_data_show(CLI::App& command) {
    auto options = std::make_shared<Options>();
    add_dataset_options(command, options->data);
    add_split_option(command, options->data, "val");
    add_skip_missing_option(command, options->data);
    command.add_option("--count", options->count, "so many examples")->check(CLI::Range(1, 400))->capture_default_str();
    command.add_option("--seed", options->seed, "which ones; the same seed, the same sheet")
        ->check(not_negative)
        ->capture_default_str();
    command.add_option("--out", options->out, "PNG to write")->capture_default_str();
    return [options] { return run(*options); };
}

}  // namespace vglaw::app
