// What happens to a batch whose loss or gradient is not finite: its ids are saved, then the run ends or goes on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "vglaw/data/dataset.h"
#include "vglaw/train/process_group.h"
#include "vglaw/train/train_step.h"

namespace vglaw::train {

/// Writes FOLDER/bad-batch-STEP.json: the step (the optimiser's count after it), its losses and gradient norm, and each
/// example by its index in the data set, its ids and its expression. `indices`: of the whole batch. Returns the path;
/// throws io.
std::filesystem::path write_bad_batch(const std::filesystem::path& folder, std::int64_t step,
                                      const StepOutcome& outcome, const Dataset& data,
                                      const std::vector<std::int64_t>& indices);

/// train.on_nan.
class BadBatches {
public:
    BadBatches(bool skip, std::filesystem::path folder, const Dataset& data, ProcessGroup& group)
        : skip_(skip), folder_(std::move(folder)), data_(data), group_(group) {}

    /// To be called by every rank after each step, `batch` its share. Returns empty for a finite outcome, else what was
    /// left out. Throws invalid_argument when the run is to stop, or has left out ten steps in a row: weights that are
    /// no numbers themselves never give one again.
    [[nodiscard]] std::string check(const StepOutcome& outcome, std::int64_t step, const Batch& batch);

private:
    bool skip_;
    int in_a_row_ = 0;
    std::filesystem::path folder_;
    const Dataset& data_;
    ProcessGroup& group_;
};

}  // namespace vglaw::train
