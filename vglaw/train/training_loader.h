// The training batches of an experiment: shuffled, augmented, full.
#pragma once

#include "vglaw/data/loader.h"
#include "vglaw/train/experiment.h"

namespace vglaw::train {

/// The data set and the tokenizer must outlive the loader. Throws as Loader does, for example when one batch is more
/// than the data set.
[[nodiscard]] Loader training_loader(const Dataset& dataset, const Tokenizer& tokenizer,
                                     const ExperimentConfig& config);

}  // namespace vglaw::train
