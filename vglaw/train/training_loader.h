// The training batches of an experiment: shuffled, augmented, full.
#pragma once

#include "vglaw/data/loader.h"
#include "vglaw/train/experiment.h"
#include "vglaw/train/process_group.h"

namespace vglaw::train {

/// This rank's share of every batch of train.batch samples. The data set and the tokenizer must outlive the loader.
/// Throws as Loader does, for example when one batch is more than the data set, or cannot be shared equally.
[[nodiscard]] Loader training_loader(const Dataset& dataset, const Tokenizer& tokenizer, const ExperimentConfig& config,
                                     const ProcessGroup& group);

}  // namespace vglaw::train
