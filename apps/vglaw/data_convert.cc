#include <fmt/format.h>

#include <memory>
#include <vector>

#include "apps/vglaw/data.h"
#include "apps/vglaw/dataset_options.h"
#include "vglaw/data/convert_dataset.h"

namespace vglaw::app {
namespace {

struct Options {
    DatasetOptions data;
    std::string to, out;
};

int run(const Options& options) {
    AnnotationTable table = read_annotations(options.data.spec());
    table.pictures_looked_for = false;  // only their names are written
    const AnnotatedDataset data(std::move(table), options.data.skip_missing);
    if (data.skipped() > 0) {
        fmt::print(stderr, "left out {} expressions, the first: {}\n", data.skipped(), data.skipped_reason());
    }
    const Converted converted = convert_dataset(data.table(), {.layout = options.to,
                                                               .folder = options.out,
                                                               .dataset = options.data.dataset,
                                                               .split_by = options.data.split_by});
    fmt::print(
        "{}: {} references, {} expressions, {} pictures; the pictures stay where they are, name their folder with "
        "--images\n",
        converted.file.string(), converted.references, converted.expressions, converted.pictures);
    return 0;
}

}  // namespace

std::function<int()> setup_data_convert(CLI::App& command) {
    auto options = std::make_shared<Options>();
    add_dataset_options(command, options->data);
    add_split_option(command, options->data, "");
    add_skip_missing_option(command, options->data);
    command.add_option("--to", options->to, "layout to write")
        ->required()
        ->check(CLI::IsMember(std::vector<std::string>(kWrittenLayouts.begin(), kWrittenLayouts.end())));
    command.add_option("--out", options->out, "folder to write it in; made when missing")->required();
    return [options] { return run(*options); };
}

}  // namespace vglaw::app
