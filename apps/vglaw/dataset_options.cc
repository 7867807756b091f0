#include "apps/vglaw/dataset_options.h"

#include <fmt/format.h>

#include <vector>

namespace vglaw::app {

DatasetSpec DatasetOptions::spec() const {
    DatasetSpec spec;
    spec.layout = layout;
    spec.data_root = data;
    spec.image_root = images;
    spec.instances = instances;
    spec.dataset = dataset;
    spec.split_by = split_by;
    spec.split = split;
    spec.skip_missing = skip_missing;
    return spec;
}

void add_dataset_options(CLI::App& command, DatasetOptions& options) {
    command
        .add_option("--data", options.data,
                    "folder of the annotations (refer: holds refcoco/, refcoco+/, ...), or the file itself")
        ->required();
    command.add_option("--layout", options.layout, "of the annotation files; docs/data.md describes each")
        ->check(CLI::IsMember(std::vector<std::string>(kDataLayouts.begin(), kDataLayouts.end())))
        ->capture_default_str();
    command.add_option("--images", options.images, "folder of the pictures, when it is not below --data");
    command.add_option("--dataset", options.dataset, "refcoco, refcoco+, refcocog or refclef")->capture_default_str();
    command.add_option("--split-by", options.split_by, "unc, google, umd or berkeley")->capture_default_str();
    command.add_option("--instances", options.instances,
                       "COCO's or REFER's instances json: the masks of a layout that has none");
}

void add_split_option(CLI::App& command, DatasetOptions& options, const std::string& default_split) {
    options.split = default_split;
    command.add_option("--split", options.split, "train, val, test, testA, testB or testC")->capture_default_str();
}

void add_skip_missing_option(CLI::App& command, DatasetOptions& options) {
    command.add_flag("--skip-missing", options.skip_missing,
                     "leave out expressions whose picture or annotation is missing");
}

std::shared_ptr<const AnnotatedDataset> open_with_notes(const DatasetOptions& options) {
    std::shared_ptr<const AnnotatedDataset> data = open_dataset(options.spec());
    if (const std::string note = data->note(); !note.empty()) fmt::print(stderr, "{}\n", note);
    return data;
}

}  // namespace vglaw::app
