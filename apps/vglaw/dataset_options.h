// The options that name a data set on disk, for every command that reads one.
#pragma once

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

#include "vglaw/data/open_dataset.h"

namespace vglaw::app {

struct DatasetOptions {
    std::string layout = "refer", data, images, instances, dataset = "refcoco", split_by = "unc", split;
    bool skip_missing = false;

    [[nodiscard]] DatasetSpec spec() const;
};

/// Adds --data, --layout, --images, --dataset, --split-by and --instances; --split and --skip-missing are each
/// command's own, since not every command chooses a part.
void add_dataset_options(CLI::App& command, DatasetOptions& options);
void add_split_option(CLI::App& command, DatasetOptions& options, const std::string& default_split);
void add_skip_missing_option(CLI::App& command, DatasetOptions& options);

/// Opens it and says on stderr what a person should know: what was left out, that there are no masks.
[[nodiscard]] std::shared_ptr<const AnnotatedDataset> open_with_notes(const DatasetOptions& options);

}  // namespace vglaw::app
