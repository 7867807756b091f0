// From the [data] table to data sets and a vocabulary.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "vglaw/data/dataset.h"
#include "vglaw/text/vocabulary.h"
#include "vglaw/train/experiment.h"

namespace vglaw::train {

struct Sources {
    std::unique_ptr<Dataset> train, val;
    std::vector<std::string> notes;  ///< what a person should know: expressions left out by data.refer.skip_missing
};

/// Throws invalid_argument for equal seeds or an empty data.refer.root, and what the data sets throw.
[[nodiscard]] Sources open_sources(const DataConfig& config);

/// A vocab.txt of exactly `size` pieces; without a path, word pieces learned from generated expressions.
[[nodiscard]] Vocabulary make_vocabulary(const std::string& path, int size);

}  // namespace vglaw::train
