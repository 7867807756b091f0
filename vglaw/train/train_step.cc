#include "vglaw/train/train_step.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/core/rng.h"
#include "vglaw/net/compat.h"
#include "vglaw/train/loss.h"

namespace vglaw::train {
namespace {

/// (7) double, in the order of StepLosses; on the parts' device, so that nobody waits for them yet.
torch::Tensor values_of(const LossParts& parts) {
    std::vector<torch::Tensor> values;
    for (const auto& part :
         {parts.total, parts.l1, parts.giou, parts.focal, parts.dice, parts.pooling, parts.labelling}) {
        values.push_back((part.defined() ? part : torch::zeros_like(parts.total)).detach().to(torch::kDouble));
    }
    return torch::stack(values);
}

/// What this training gives no gradient first, since sums start from the last one on: it would keep the rest waiting.
std::vector<torch::Tensor> in_order_of_reduction(net::NetworkImpl& network, const std::string& tasks) {
    std::vector<torch::Tensor> untrained, trained;
    for (const auto& item : network.named_parameters()) {
        const bool left_out = (tasks == "box" && item.key().starts_with("mask_head.")) ||
                              (tasks == "mask" && item.key().starts_with("box_head."));
        (left_out ? untrained : trained).push_back(item.value());
    }
    untrained.insert(untrained.end(), trained.begin(), trained.end());
    return untrained;
}

StepLosses losses_of(const torch::Tensor& values) {
    const auto* v = values.data_ptr<double>();
    return {v[0], v[1], v[2], v[3], v[4], v[5], v[6]};
}

}  // namespace

TrainStep::TrainStep(const ExperimentConfig& config, net::Network network, Optimizer& optimizer, ProcessGroup& group,
                     std::optional<LabelClasses> labels, bool masks, std::int64_t bucket_elements)
    : config_(config),
      network_(std::move(network)),
      optimizer_(optimizer),
      group_(group),
      labels_(labels),
      reducer_(group, in_order_of_reduction(*network_, masks ? config.train.tasks : "box"), bucket_elements) {}

std::int64_t TrainStep::micro_batches(const Batch& batch) const {
    return std::min(std::int64_t(config_.train.accumulate), std::int64_t(batch.count));
}

void TrainStep::forget_prepared() {
    prepared_ = nullptr;
    first_ = {};
}

void TrainStep::prepare(const Batch& coming) {
    forget_prepared();
    try {
        first_ = micro_batch(BatchTensors(coming), coming, 0);
    } catch (...) {
        fail_in("sending the next batch to the device", coming);
    }
    prepared_ = coming.images.data();
}

MicroBatch TrainStep::micro_batch(const BatchTensors& input, const Batch& batch, std::int64_t index) {
    if (index == 0 && prepared_ != nullptr && prepared_ == batch.images.data()) {
        prepared_ = nullptr;
        return std::exchange(first_, {});
    }
    if (index == 0) forget_prepared();  // another batch came: what lies at that address later is none of it
    const auto rows = std::int64_t(batch.count), parts = micro_batches(batch), first = rows * index / parts;
    return input.rows(first, rows * (index + 1) / parts - first, network_->parameters().front().device());
}

StepOutcome TrainStep::operator()(const Batch& batch, std::int64_t step, double factor,
                                  const std::function<void()>& meanwhile) {
    try {
        return run(batch, step, factor, meanwhile);
    } catch (...) {
        forget_prepared();
        fail_in(fmt::format("step {}", step + 1), batch);
    }
}

void TrainStep::fail_in(const std::string& what, const Batch& batch) const {
    try {
        throw;
    } catch (const Error&) {
        throw;
    } catch (const std::exception& error) {
        if (!net::is_out_of_memory(error)) throw;
        const auto parts = int(micro_batches(batch));
        fail(ErrorCode::io,
             "out of memory in {} on {} samples of {} px and {} tokens{}; raise train.accumulate (now {}) or lower "
             "train.batch (now {})",
             what, batch.count, batch.size, batch.length,
             parts > 1 ? fmt::format(", {} at a time", (int(batch.count) + parts - 1) / parts) : "",
             config_.train.accumulate, config_.train.batch);
    }
}

StepOutcome TrainStep::run(const Batch& batch, std::int64_t step, double factor,
                           const std::function<void()>& meanwhile) {
    const auto device = network_->parameters().front().device();
    const BatchTensors input(batch);
    const auto rows = std::int64_t(batch.count), all_rows = rows * group_.world(), first_row = rows * group_.rank();
    // Of the whole batch: cells that show an object, and phrases, of which a caption has several.
    auto whole = torch::tensor({input.seen_cells(), std::int64_t(batch.phrases())}, torch::kLong);
    const bool captions = config_.data.scenes.captions > 0;
    if (labels_ || captions) group_.add(whole);
    const auto all_phrases = captions ? whole[1].item<std::int64_t>() : all_rows;
    // Seeded by the step, so that a resumed run draws the same; for the whole batch, so that its cuts draw the same.
    const auto seed = derive_seed(std::uint64_t(config_.train.seed), std::uint64_t(step));
    torch::manual_seed(seed);
    auto& encoder = *network_->visual_encoder;
    const auto draws =
        moved(torch::rand({2 * encoder.dropping_blocks(), all_rows}, at::detail::createCPUGenerator(seed)), device);

    network_->train();
    network_->bf16 = config_.train.precision == "bf16";
    encoder.checkpoint_blocks = config_.train.checkpoint_blocks;
    optimizer_.zero_grad();
    auto sums = torch::zeros({std::int64_t(StepLosses::count)}, torch::dtype(torch::kDouble).device(device));
    const auto parts = micro_batches(batch);
    for (std::int64_t i = 0; i < parts; ++i) {
        const auto first = rows * i / parts, count = rows * (i + 1) / parts - first;
        const auto micro = micro_batch(input, batch, i);
        const double share = double(micro.boxes.size(0)) / double(all_phrases);
        auto drops = draws.slice(1, first_row + first, first_row + first + count);
        if (micro.owner.defined()) drops = drops.index_select(1, micro.owner);
        encoder.set_drop_draws(drops);
        const auto output = network_(micro.images, micro.ids, micro.token_mask, micro.span_mask, micro.owner);
        auto loss = grounding_loss(output.boxes_cxcywh, output.mask_logits, micro.boxes, micro.masks, config_.loss,
                                   config_.train.tasks, output.pool_attention);
        if (share != 1) {
            for (auto* mean : {&loss.total, &loss.l1, &loss.giou, &loss.focal, &loss.dice, &loss.pooling}) {
                if (mean->defined()) *mean = *mean * share;
            }
        }
        if (labels_) {
            loss.labelling =
                labelling_loss(output.block_output, micro.labels, *labels_, share, whole[0].item<std::int64_t>());
            loss.total = loss.total + config_.loss.labelling * loss.labelling;
        }
        sums += values_of(loss);
        if (i + 1 == parts) reducer_.arm();
        loss.total.backward();
    }
    encoder.set_drop_draws({});
    if (meanwhile) meanwhile();
    reducer_.finish();
    sums = sums.cpu();
    group_.add(sums);
    StepOutcome outcome;
    outcome.losses = losses_of(sums);
    const bool finite = std::isfinite(outcome.losses.total);
    outcome.gradient_norm = finite ? optimizer_.step(factor) : std::numeric_limits<double>::quiet_NaN();
    return outcome;
}

}  // namespace vglaw::train
