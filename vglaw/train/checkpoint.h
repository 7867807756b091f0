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
    std::map<std::string, torch::Tensor> weights;  ///< by model-file name
    std::map<std::string, torch::Tensor> optimizer;
};

/// Writes FOLDER/checkpoint-STEP.safetensors, then removes all but the newest `keep`.
void write_checkpoint(const std::filesystem::path& folder, const Checkpoint& checkpoint, int keep);

/// The newest checkpoint that can be read; a torn one is reported through `warning` and the one before it is taken.
[[nodiscard]] std::optional<Checkpoint> read_newest_checkpoint(const std::filesystem::path& folder,
                                                               std::string& warning);

}  // namespace vglaw::train
