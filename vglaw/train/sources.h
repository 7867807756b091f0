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

/// Without masks the box still trains: what is left out then, one line a data set. Throws invalid_argument when `tasks`
/// is "mask": such a run would learn nothing or measure nothing.
[[nodiscard]] std::vector<std::string> check_masks(const Sources& sources, const std::string& tasks);

/// What the labelling loss teaches. It is for generated scenes: files of referring expressions do not name every
/// object. Throws invalid_argument when `train` does not name its objects, or the loss's block is not one of the
/// `depth` ones.
[[nodiscard]] LabelClasses labelling_classes(const Dataset& train, const LossConfig& loss, int depth);

/// A vocab.txt of exactly `size` pieces; without a path, word pieces learned from generated expressions.
[[nodiscard]] Vocabulary make_vocabulary(const std::string& path, int size);

}  // namespace vglaw::train
