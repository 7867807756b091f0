// One optimiser step on a batch that all ranks share: micro-batch by micro-batch, gradients added over the ranks.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "vglaw/data/label_map.h"
#include "vglaw/data/sample.h"
#include "vglaw/net/network.h"
#include "vglaw/train/batch_tensors.h"
#include "vglaw/train/experiment.h"
#include "vglaw/train/gradient_reducer.h"
#include "vglaw/train/optimizer.h"
#include "vglaw/train/process_group.h"
#include "vglaw/train/step_log.h"

namespace vglaw::train {

/// The same on every rank.
struct StepOutcome {
    StepLosses losses;
    double gradient_norm = 0;  ///< before clipping
    /// Otherwise nothing was stepped.
    [[nodiscard]] bool finite() const { return std::isfinite(losses.total) && std::isfinite(gradient_norm); }
};

/// However a batch is shared among ranks and cut into micro-batches, its step is the same but for the order of float
/// sums: every loss is a part of the mean over the whole batch, and drop path draws for a sample by its place in it.
class TrainStep {
public:
    /// `labels`: of the labelling loss, when it is trained; `masks`: whether the data have any. Everything must outlive
    /// this.
    TrainStep(const ExperimentConfig& config, net::Network network, Optimizer& optimizer, ProcessGroup& group,
              std::optional<LabelClasses> labels, bool masks = true,
              std::int64_t bucket_elements = GradientReducer::default_bucket);

    /// `batch`: this rank's share. `factor`: of the learning rates. `meanwhile` is called when all is under way and
    /// nothing but waiting is left before the weights are stepped: on a GPU the time to see to the next batch. Throws
    /// io when a rank is gone or memory runs out; c10::Error for what else LibTorch refuses.
    StepOutcome operator()(const Batch& batch, std::int64_t step, double factor,
                           const std::function<void()>& meanwhile = {});
    /// Sends the first micro-batch of a coming batch to the device already; its memory must stay where it is (moving
    /// the Batch is allowed) until it is stepped. Throws io when memory runs out.
    void prepare(const Batch& coming);
    [[nodiscard]] const GradientReducer& reducer() const { return reducer_; }

private:
    StepOutcome run(const Batch& batch, std::int64_t step, double factor, const std::function<void()>& meanwhile);
    [[nodiscard]] MicroBatch micro_batch(const BatchTensors& input, const Batch& batch, std::int64_t index);
    void forget_prepared();
    [[nodiscard]] std::int64_t micro_batches(const Batch& batch) const;
    /// For a handler: throws io when the exception being handled says that memory ran out, else that one again.
    [[noreturn]] void fail_in(const std::string& what, const Batch& batch) const;

    const ExperimentConfig& config_;
    net::Network network_;
    Optimizer& optimizer_;
    ProcessGroup& group_;
    std::optional<LabelClasses> labels_;
    GradientReducer reducer_;
    const float* prepared_ = nullptr;  // the images of the batch that `first_` is of
    MicroBatch first_;
};

}  // namespace vglaw::train
