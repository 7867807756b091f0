#include "vglaw/train/trainer.h"

#include <chrono>
#include <filesystem>

#include "vglaw/core/rng.h"
#include "vglaw/data/loader.h"
#include "vglaw/evaluate/evaluator.h"
#include "vglaw/evaluate/forward_predictor.h"
#include "vglaw/model/bundle.h"
#include "vglaw/net/network_forward.h"
#include "vglaw/net/torch_forward.h"
#include "vglaw/net/weights.h"
#include "vglaw/train/checkpoint.h"
#include "vglaw/train/loss.h"
#include "vglaw/train/optimizer.h"
#include "vglaw/train/run_folder.h"
#include "vglaw/train/schedule.h"
#include "vglaw/train/sources.h"

namespace vglaw::train {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

PrepareOptions prepare_options(const ModelConfig& model) {
    PrepareOptions options;
    options.size = model.image.size;
    options.max_tokens = model.text.max_tokens;
    for (std::size_t i = 0; i < 3; ++i) {
        options.normalization.mean[i] = float(model.image.mean[i]);
        options.normalization.std[i] = float(model.image.std[i]);
    }
    return options;
}

Augmentation augmentation(const AugmentConfig& config) {
    AugmentOptions options;
    options.random_offset = config.random_offset;
    options.flip = config.flip;
    options.crop = config.crop;
    options.crop_min_side = config.crop_min_side;
    options.scale = config.scale;
    options.scale_min = config.scale_min;
    return Augmentation(options);
}

LoaderOptions loader_options(const TrainConfig& config) {
    LoaderOptions options;
    options.batch_size = std::size_t(config.batch);
    options.threads = config.loader_threads;
    options.shuffle = true;
    options.drop_last = true;
    options.seed = std::uint64_t(config.seed);
    return options;
}

/// The mean of what is trained: Prec@0.5 for the box, mIoU for the mask.
double score_of(const Metrics& metrics, const std::string& tasks) {
    const auto figures = metrics.figures(Frame::canvas);
    const double box = figures.rec ? figures.rec->precision[0] : 0;
    const double mask = figures.res ? figures.res->miou : 0;
    if (tasks == "box" || !figures.res) return box;
    return tasks == "mask" ? mask : (box + mask) / 2;
}

/// Sums between two lines of the log.
struct Stretch {
    StepReport sum;
    int steps = 0;
    double waited = 0;
    Clock::time_point start = Clock::now();
};

double item(const torch::Tensor& scalar) { return scalar.defined() ? scalar.item<double>() : 0.0; }

class Run {
public:
    Run(const ExperimentConfig& config, bool resume, const TrainObserver& observer)
        : config_(config),
          observer_(observer),
          sources_(open_sources(config_.data)),
          tokenizer_(open_vocabulary(config_)),
          network_(make_network()),
          optimizer_(network_, config_.train),
          step_(resume ? restore() : fresh()),
          folder_(config_.train.out, config_to_json(config_), step_),
          loader_(*sources_.train, tokenizer_, prepare_options(config_.model), augmentation(config_.augment),
                  loader_options(config_.train)) {
        epoch_steps_ = std::int64_t(loader_.batches());
        total_ = epoch_steps_ * config_.train.epochs;
        loader_.seek({std::size_t(step_ / epoch_steps_), std::size_t(step_ % epoch_steps_)});
    }

    TrainResult operator()() {
        const TrainConfig& train = config_.train;
        note(fmt::format("{} parameters, {} steps of {} samples, {} training examples an epoch", parameter_count(),
                         total_, train.batch, sources_.train->size()));
        Stretch stretch;
        stretch.waited = loader_.wait_seconds();
        bool stopped = false;
        while (step_ < total_ && !stopped) {
            auto batch = loader_.next();
            if (!batch) continue;  // the end of an epoch; the next call opens the next one
            train_on(*batch, stretch);
            ++step_;
            if (step_ % train.log_every == 0) log(stretch);
            if (observer_.tick) observer_.tick(step_, total_);
            if (step_ % train.validate_every == 0 || step_ == total_) validate();
            stopped = (observer_.stop && observer_.stop()) || (train.max_steps > 0 && step_ >= train.max_steps);
            if (step_ % train.checkpoint_every == 0 || step_ == total_ || stopped) checkpoint();
        }
        write_model("last.safetensors");
        folder_.draw_curves();
        return {step_, step_ == total_, best_, best_ < 0 ? "" : (folder_.path() / "best.safetensors").string()};
    }

private:
    static Vocabulary open_vocabulary(ExperimentConfig& config) {
        if (!config.train.start.empty()) {
            auto bundle = read_bundle(config.train.start);
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
        std::string warning;
        if (read_newest_checkpoint(config_.train.out, warning)) {
            fail(ErrorCode::invalid_argument, "{} already holds a run; go on with --resume or choose another train.out",
                 config_.train.out);
        }
        return 0;
    }

    std::int64_t restore() {
        std::string warning;
        const auto found = read_newest_checkpoint(config_.train.out, warning);
        if (!warning.empty()) note(warning);
        if (!found) {
            note(fmt::format("no checkpoint in {}, starting from the beginning", config_.train.out));
            return 0;
        }
        WeightMap weights;
        for (const auto& [name, tensor] : found->weights) {
            const auto values = tensor.contiguous();
            weights[name].assign(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
        }
        check_same_network(found->config);
        net::load_weights(*network_, weights);
        optimizer_.load_state(found->optimizer);
        best_ = found->best;
        note(fmt::format("resumed after step {}", found->step));
        return found->step;
    }

    void check_same_network(const Json& stored) const {
        const Json now = config_to_json(config_);
        for (const char* table : {"image", "text", "vision", "law", "box_head", "mask_head"}) {
            if (stored.value(table, Json()) != now.at(table)) {
                fail(ErrorCode::invalid_argument,
                     "{}: its checkpoints were trained with another [{}]; use that config or a new train.out",
                     config_.train.out, table);
            }
        }
    }

    void train_on(const Batch& batch, Stretch& stretch) {
        // Drop path draws from here; seeded by the step, so that a resumed run draws the same.
        torch::manual_seed(derive_seed(std::uint64_t(config_.train.seed), std::uint64_t(step_)));
        network_->train();
        network_->bf16 = config_.train.precision == "bf16";
        const auto rows = std::int64_t(batch.count), size = std::int64_t{batch.size},
                   length = std::int64_t(batch.length);
        const auto view = [](const auto& data, std::vector<std::int64_t> shape, torch::Dtype type) {
            return torch::from_blob(const_cast<void*>(static_cast<const void*>(data.data())), shape, type);
        };
        const auto output = network_(view(batch.images, {rows, 3, size, size}, torch::kFloat),
                                     view(batch.ids, {rows, length}, torch::kLong),
                                     view(batch.token_mask, {rows, length}, torch::kByte).to(torch::kBool));
        const auto masks =
            batch.has_masks ? view(batch.masks, {rows, size, size}, torch::kByte).to(torch::kFloat) : torch::Tensor();
        const auto loss =
            grounding_loss(output.boxes_cxcywh, output.mask_logits, view(batch.boxes, {rows, 4}, torch::kFloat), masks,
                           config_.loss, config_.train.tasks);
        const double total = item(loss.total);
        if (!std::isfinite(total)) {
            fail(ErrorCode::internal,
                 "the loss is {} at step {}; lower train.lr_rest and train.lr_backbone or train.clip", total, step_);
        }
        optimizer_.zero_grad();
        loss.total.backward();
        const double norm = optimizer_.step(learning_rate_factor(config_.train, step_, epoch_steps_, total_));

        stretch.sum.loss += total;
        stretch.sum.l1 += item(loss.l1);
        stretch.sum.giou += item(loss.giou);
        stretch.sum.focal += item(loss.focal);
        stretch.sum.dice += item(loss.dice);
        stretch.sum.gradient_norm += norm;
        ++stretch.steps;
    }

    void log(Stretch& stretch) {
        StepReport report = stretch.sum;
        const double steps = stretch.steps, seconds = seconds_since(stretch.start);
        for (double* mean :
             {&report.loss, &report.l1, &report.giou, &report.focal, &report.dice, &report.gradient_norm}) {
            *mean /= steps;
        }
        report.step = step_;
        report.total_steps = total_;
        report.epoch = double(step_) / double(epoch_steps_);
        report.learning_rate = optimizer_.lr_rest();
        report.samples_per_second = steps * config_.train.batch / seconds;
        report.data_wait = (loader_.wait_seconds() - stretch.waited) / seconds;
        folder_.add(report);
        if (observer_.step) observer_.step(report);
        stretch = Stretch();
        stretch.waited = loader_.wait_seconds();
    }

    void validate() {
        const auto start = Clock::now();
        net::NetworkForward forward(network_);
        ForwardPredictor predictor(forward, "LibTorch");
        EvaluateOptions options;
        options.prepare = prepare_options(config_.model);
        options.batch_size = std::size_t(std::min(config_.train.batch, 64));
        options.mask_threshold = config_.model.mask_head.threshold;
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
        folder_.add(report);
        if (observer_.validation) observer_.validation(report);
    }

    void checkpoint() {
        Checkpoint state;
        state.step = step_;
        state.best = best_;
        state.config = config_to_json(config_);
        state.weights = net::snapshot(*network_);
        state.optimizer = optimizer_.state();
        write_checkpoint(folder_.path(), state, config_.train.keep_checkpoints);
    }

    void write_model(const char* name) const {
        const auto tensors = net::snapshot(*network_);
        const std::string source = fmt::format("trained by vglaw for {} steps of {} samples, seed {}, data {}", step_,
                                               config_.train.batch, config_.train.seed, sources_.train->name());
        write_bundle(folder_.path() / name, config_.model, tokenizer_.vocabulary(), net::views_of(tensors),
                     "Apache-2.0", source);
    }

    [[nodiscard]] std::int64_t parameter_count() const {
        std::int64_t count = 0;
        for (const auto& parameter : network_->parameters()) count += parameter.numel();
        return count;
    }

    void note(const std::string& text) const {
        if (observer_.note) observer_.note(text);
    }

    ExperimentConfig config_;
    const TrainObserver& observer_;
    Sources sources_;
    Tokenizer tokenizer_;
    net::Network network_;
    Optimizer optimizer_;
    double best_ = -1;
    std::int64_t step_ = 0, epoch_steps_ = 0, total_ = 0;
    RunFolder folder_;
    Loader loader_;
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
