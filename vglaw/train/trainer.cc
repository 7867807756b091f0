#include "vglaw/train/trainer.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <optional>

#include "vglaw/core/rng.h"
#include "vglaw/evaluate/forward_predictor.h"
#include "vglaw/evaluate/model_options.h"
#include "vglaw/model/bundle.h"
#include "vglaw/net/network_forward.h"
#include "vglaw/net/torch_forward.h"
#include "vglaw/net/weights.h"
#include "vglaw/train/checkpoint.h"
#include "vglaw/train/loss.h"
#include "vglaw/train/optimizer.h"
#include "vglaw/train/process_group.h"
#include "vglaw/train/resume.h"
#include "vglaw/train/run_folder.h"
#include "vglaw/train/schedule.h"
#include "vglaw/train/sources.h"
#include "vglaw/train/step_log.h"
#include "vglaw/train/training_loader.h"

namespace vglaw::train {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// The mean of what is trained: Prec@0.5 for the box, mIoU for the mask.
double score_of(const Metrics& metrics, const std::string& tasks) {
    const auto figures = metrics.figures(Frame::canvas);
    const double box = figures.rec ? figures.rec->precision[0] : 0;
    const double mask = figures.res ? figures.res->miou : 0;
    if (tasks == "box" || !figures.res) return box;
    return tasks == "mask" ? mask : (box + mask) / 2;
}

/// A batch as tensors; what is not copied points into the batch.
struct BatchTensors {
    torch::Tensor images, ids, token_mask, span_mask, boxes, masks,
        labels;  // spans, masks, labels undefined without any

    explicit BatchTensors(const Batch& batch) {
        const auto rows = std::int64_t(batch.count), length = std::int64_t(batch.length);
        const std::int64_t size = batch.size;
        const auto view = [](const auto& data, std::vector<std::int64_t> shape, torch::Dtype type) {
            return torch::from_blob(const_cast<void*>(static_cast<const void*>(data.data())), shape, type);
        };
        images = view(batch.images, {rows, 3, size, size}, torch::kFloat);
        ids = view(batch.ids, {rows, length}, torch::kLong);
        token_mask = view(batch.token_mask, {rows, length}, torch::kByte).to(torch::kBool);
        if (!batch.span_mask.empty()) span_mask = view(batch.span_mask, {rows, length}, torch::kByte).to(torch::kBool);
        boxes = view(batch.boxes, {rows, 4}, torch::kFloat);
        if (batch.has_masks) masks = view(batch.masks, {rows, size, size}, torch::kByte).to(torch::kFloat);
        if (!batch.labels.empty())
            labels = view(batch.labels, {rows, std::int64_t(batch.labels.size()) / (3 * rows), 3}, torch::kChar)
                         .to(torch::kLong);
    }
};

class Run {
public:
    Run(const ExperimentConfig& config, bool resume, const TrainObserver& observer)
        : config_(config),
          observer_(observer),
          sources_(open_sources(config_.data)),
          tokenizer_(open_vocabulary(config_)),
          network_(make_network()),
          optimizer_(network_, config_.train),
          step_(resume ? go_on() : fresh()),
          loader_(training_loader(*sources_.train, tokenizer_, config_, group_)) {
        if (group_.leads()) folder_.emplace(config_.train.out, config_to_json(config_), step_);
        check_masks();
        check_labels();
        epoch_steps_ = std::int64_t(loader_.batches());
        total_ = epoch_steps_ * config_.train.epochs;
        loader_.seek({std::size_t(step_ / epoch_steps_), std::size_t(step_ % epoch_steps_)});
    }

    TrainResult operator()() {
        const TrainConfig& train = config_.train;
        for (const auto& text : sources_.notes) note(text);
        note(fmt::format("{} parameters, {} steps of {} samples, {} training examples an epoch", parameter_count(),
                         total_, train.batch, sources_.train->size()));
        bool stopped = reached_max_steps();  // a resumed run may be there already
        while (step_ < total_ && !stopped) {
            const auto batch = loader_.next();
            if (!batch) continue;  // the end of an epoch; the next call opens the next one
            train_on(*batch);
            ++step_;
            const bool last = step_ == total_, leads = group_.leads();
            if (leads && (last || step_ % train.log_every == 0)) log();
            if (leads && observer_.tick) observer_.tick(step_, total_);
            const auto start = Clock::now();
            if (leads && (last || step_ % train.validate_every == 0)) validate();
            stopped = group_.any(observer_.stop && observer_.stop()) || reached_max_steps();
            if (leads && (last || stopped || step_ % train.checkpoint_every == 0)) checkpoint();
            log_.leave_out(seconds_since(start));
        }
        if (!group_.leads()) return {step_, step_ >= total_, best_, ""};
        write_model("last.safetensors");
        folder_->draw_curves();
        return {step_, step_ >= total_, best_, best_ < 0 ? "" : (folder_->path() / "best.safetensors").string()};
    }

private:
    Vocabulary open_vocabulary(ExperimentConfig& config) {
        if (!config.train.start.empty()) {
            auto bundle = read_bundle(config.train.start);
            start_license_ = bundle.license;
            if (config_to_json(config.model) != config_to_json(bundle.config)) {
                note(fmt::format("the network's tables are those of {}, not the config's", config.train.start));
            }
            config.model = bundle.config;
            return std::move(bundle.vocabulary);
        }
        return make_vocabulary(config.data.vocabulary, config.model.text.vocab_size);
    }

    net::Network make_network() {
        net::Network network(config_.model);
        if (config_.train.start.empty()) {
            net::load_weights(*network,
                              initial_weights(config_.model, config_.init, std::uint64_t(config_.train.seed)));
        } else {
            net::load_weights(*network, read_bundle(config_.train.start));
        }
        return network;
    }

    std::int64_t fresh() {
        if (holds_checkpoints(config_.train.out)) {
            fail(ErrorCode::invalid_argument, "{} already holds a run; go on with --resume or choose another train.out",
                 config_.train.out);
        }
        return 0;
    }

    std::int64_t go_on() {
        std::string warning;
        const auto found = read_newest_checkpoint(config_.train.out, warning);
        if (!warning.empty()) note(warning);
        if (!found) {
            note(fmt::format("no checkpoint in {}, starting from the beginning", config_.train.out));
            return 0;
        }
        const Json now = config_to_json(config_);
        restore(*found, now, network_, optimizer_);
        best_ = found->best;
        log_.restore(found->log);
        const auto changed = changed_keys(found->config, now);
        note(fmt::format("resumed after step {}{}{}", found->step,
                         changed.empty() ? "" : "; changed since: ", fmt::join(changed, ", ")));
        return found->step;
    }

    /// Without masks the box still trains; a run that only trains masks would learn nothing or measure nothing.
    void check_masks() const {
        for (const Dataset* data : {sources_.train.get(), sources_.val.get()}) {
            if (data->has_masks() || config_.train.tasks == "box") continue;
            if (config_.train.tasks == "mask") {
                fail(ErrorCode::invalid_argument, "train.tasks is mask, but {} has no masks; set train.tasks = box",
                     data->name());
            }
            note(fmt::format("{} has no masks: its mask figures and losses are left out", data->name()));
        }
    }

    /// The labelling loss is for generated scenes: files of referring expressions do not name every object.
    void check_labels() {
        if (config_.loss.labelling <= 0) return;
        label_classes_ = sources_.train->label_classes();
        if (!label_classes_) {
            fail(ErrorCode::invalid_argument,
                 "loss.labelling is above 0, but {} does not name its objects; set it to 0", sources_.train->name());
        }
        if (config_.loss.labelling_block >= config_.model.vision.depth) {
            fail(ErrorCode::invalid_argument, "loss.labelling_block {} is not one of the visual encoder's {} blocks",
                 config_.loss.labelling_block, config_.model.vision.depth);
        }
        network_->keep_block = config_.loss.labelling_block;
    }

    void train_on(const Batch& batch) {
        // Drop path draws from here; seeded by the step, so that a resumed run draws the same.
        torch::manual_seed(
            derive_seed(std::uint64_t(config_.train.seed),
                        std::uint64_t(step_) * std::uint64_t(group_.world()) + std::uint64_t(group_.rank())));
        network_->train();
        network_->bf16 = config_.train.precision == "bf16";
        network_->visual_encoder->checkpoint_blocks = config_.train.checkpoint_blocks;
        const BatchTensors input(batch);
        const auto output = network_(input.images, input.ids, input.token_mask, input.span_mask);
        auto loss = grounding_loss(output.boxes_cxcywh, output.mask_logits, input.boxes, input.masks, config_.loss,
                                   config_.train.tasks, output.pool_attention);
        if (label_classes_) {
            loss.labelling = labelling_loss(output.block_output, input.labels, *label_classes_);
            loss.total = loss.total + config_.loss.labelling * loss.labelling;
        }
        const double total = loss.total.item<double>();
        check_finite("loss", total);
        optimizer_.zero_grad();
        loss.total.backward();
        group_.average_gradients(network_->parameters());
        const double norm = optimizer_.step(learning_rate_factor(config_.train, step_, epoch_steps_, total_));
        check_finite("gradient's norm", norm);
        log_.add(total, loss, norm);
    }

    void check_finite(const char* what, double value) const {
        if (std::isfinite(value)) return;
        fail(ErrorCode::invalid_argument,
             "the {} is {} at step {}; lower train.lr_rest, train.lr_backbone or train.clip and go on with --resume",
             what, value, step_ + 1);
    }

    void log() {
        StepReport report = log_.report(config_.train.batch, loader_.wait_seconds());
        report.step = step_;
        report.total_steps = total_;
        report.epoch = double(step_) / double(epoch_steps_);
        report.learning_rate = optimizer_.lr_rest();
        folder_->add(report);
        if (observer_.step) observer_.step(report);
    }

    void validate() {
        const auto start = Clock::now();
        net::NetworkForward forward(network_);
        ForwardPredictor predictor(forward, "LibTorch");
        EvaluateOptions options = evaluate_options(config_.model);
        options.batch_size = std::size_t(std::min(config_.train.batch, 64));
        options.keep = 0;
        ValidationReport report;
        report.metrics = evaluate(*sources_.val, tokenizer_, predictor, options).metrics;
        report.step = step_;
        report.seconds = seconds_since(start);
        const double score = score_of(report.metrics, config_.train.tasks);
        report.best = score > best_;
        if (report.best) {
            best_ = score;
            write_model("best.safetensors");
        }
        folder_->add(report);
        folder_->draw_curves();
        if (observer_.validation) observer_.validation(report);
    }

    void checkpoint() {
        Checkpoint state;
        state.step = step_;
        state.best = best_;
        state.config = config_to_json(config_);
        state.log = log_.sums();
        state.weights = net::snapshot(*network_);
        state.optimizer = optimizer_.state();
        write_checkpoint(folder_->path(), state, config_.train.keep_checkpoints);
    }

    void write_model(const char* name) const {
        const auto tensors = net::snapshot(*network_);
        const std::string source = fmt::format("trained by vglaw for {} steps of {} samples, seed {}, data {}", step_,
                                               config_.train.batch, config_.train.seed, sources_.train->name()) +
                                   (config_.train.start.empty() ? "" : ", started from " + config_.train.start);
        // Generated data bind nobody; what other data ask of their users only the user knows.
        const std::string license = config_.data.source != "scenes" ? ""
                                    : config_.train.start.empty()   ? "Apache-2.0"
                                                                    : start_license_;
        write_bundle(folder_->path() / name, config_.model, tokenizer_.vocabulary(), net::views_of(tensors), license,
                     source);
    }

    [[nodiscard]] bool reached_max_steps() const {
        return config_.train.max_steps > 0 && step_ >= config_.train.max_steps;
    }

    [[nodiscard]] std::int64_t parameter_count() const {
        std::int64_t count = 0;
        for (const auto& parameter : network_->parameters()) count += parameter.numel();
        return count;
    }

    void note(const std::string& text) const {
        if (observer_.note && group_.leads()) observer_.note(text);
    }

    // In the order of their making: the folder is touched only when everything else is known to be right.
    ExperimentConfig config_;
    const TrainObserver& observer_;
    ProcessGroup group_;
    std::string start_license_;
    std::optional<LabelClasses> label_classes_;
    Sources sources_;
    Tokenizer tokenizer_;
    net::Network network_;
    Optimizer optimizer_;
    double best_ = -1;
    StepLog log_;
    std::int64_t step_ = 0, epoch_steps_ = 0, total_ = 0;
    Loader loader_;
    std::optional<RunFolder> folder_;  // the leading rank's
};

}  // namespace

TrainResult train(ExperimentConfig config, bool resume, const TrainObserver& observer) {
    net::set_threads(config.train.threads);
    try {
        return Run(config, resume, observer)();
    } catch (const c10::Error& error) {
        fail(ErrorCode::internal, "LibTorch failed in training: {}", error.what_without_backtrace());
    }
}

}  // namespace vglaw::train
