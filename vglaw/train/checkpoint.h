// A training state on disk: one safetensors file that holds weights, optimiser state and position; written whole or not
// at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "vglaw/core/config_fields.h"
#include "vglaw/net/torch.h"

namespace vglaw::train {

struct Checkpoint {
    std::int64_t step = 0;                         ///< optimiser steps done
    double best = -1;                              ///< best validation score so far; negative: none yet
    Json config;                                   ///< the experiment, as resolved
    Json log;                                      ///< sums of the steps since the last line of metrics.jsonl
    Json data;                                     ///< what was trained on: {"train": {"name", "size"}, "val": ...}
    std::map<std::string, torch::Tensor> weights;  ///< by model-file name
    std::map<std::string, torch::Tensor> optimizer;
};

/// Writes FOLDER/checkpoint-STEP.safetensors, then removes all but the newest `keep` >= 1, those of later steps (they
/// could not be read, or the run would not be here) and what a killed write left behind. Throws io.
void write_checkpoint(const std::filesystem::path& folder, const Checkpoint& checkpoint, int keep);

/// Whether there is a file named like a checkpoint, readable or not.
[[nodiscard]] bool holds_checkpoints(const std::filesystem::path& folder);

/// The newest checkpoint that is whole, nothing when there is none; one that is torn, or whose tensors are not those
/// that were written, is reported through `warning` and the one before it is taken. Throws corrupt_data when there are
/// some, but none can be read.
[[nodiscard]] std::optional<Checkpoint> read_newest_checkpoint(const std::filesystem::path& folder,
                                                               std::string& warning);

}  // namespace vglaw::train
