// The training loop: batches in, a trained model file, metrics and curves out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "vglaw/evaluate/metrics.h"
#include "vglaw/train/experiment.h"

namespace vglaw::train {

/// What one line of metrics.jsonl says of a stretch of steps (means over it).
struct StepReport {
    std::int64_t step = 0, total_steps = 0;
    double epoch = 0;
    double loss = 0, l1 = 0, giou = 0, focal = 0, dice = 0, pooling = 0, labelling = 0;
    double gradient_norm = 0, learning_rate = 0;   ///< learning rate of the non-backbone group
    std::map<std::string, double> learning_rates;  ///< of every group: backbone, rest, with Muon matrices_* too
    double samples_per_second = 0, data_wait = 0;  ///< data_wait: share of the time spent waiting for samples
    double peak_memory_mib = 0;                    ///< most resident memory of this process so far, MiB
    double gpu_peak_memory_mib = 0;                ///< the same of its GPU; 0: none, or not known
    std::int64_t skipped = 0;                      ///< steps left out by train.on_nan = skip; in no mean
};

struct ValidationReport {
    std::int64_t step = 0;
    Metrics metrics;
    double seconds = 0;
    bool best = false;
};

/// Whoever shows a run to a person; every member may be empty. Called from the training thread.
struct TrainObserver {
    std::function<void(const std::string&)> note;  ///< one line about what happened
    std::function<void(const StepReport&)> step;
    std::function<void(std::int64_t step, std::int64_t total)> tick;  ///< after every step
    std::function<void(const ValidationReport&)> validation;
    std::function<bool()> stop;  ///< asked after every step: true ends the run after a checkpoint
};

struct TrainResult {
    std::int64_t step = 0;
    bool finished = false;  ///< false: stopped by the observer or max_steps
    double best = -1;       ///< mean of Prec@0.5 and mIoU of the best model
    std::string model;      ///< path of the best model file; empty when nothing was validated
};

/// Trains into config.train.out. `resume`: goes on from the newest checkpoint there, with the same result as if it had
/// never stopped. Without it a folder that already holds checkpoints is refused.
TrainResult train(ExperimentConfig config, bool resume, const TrainObserver& observer);

}  // namespace vglaw::train
