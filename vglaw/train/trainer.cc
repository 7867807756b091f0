#include "vglaw/train/trainer.h"

#include <fmt/ranges.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <optional>
#include <utility>

#include "vglaw/model/bundle.h"
#include "vglaw/net/compat.h"
#include "vglaw/net/torch_forward.h"
#include "vglaw/net/weights.h"
#include "vglaw/train/bad_batch.h"
#include "vglaw/train/checkpoint.h"
#include "vglaw/train/device.h"
#include "vglaw/train/digest.h"
#include "vglaw/train/freed_memory.h"
#include "vglaw/train/optimizer.h"
#include "vglaw/train/process_group.h"
#include "vglaw/train/rank_agreement.h"
#include "vglaw/train/resume.h"
#include "vglaw/train/run_folder.h"
#include "vglaw/train/schedule.h"
#include "vglaw/train/sources.h"
#include "vglaw/train/step_log.h"
#include "vglaw/train/train_step.h"
#include "vglaw/train/training_loader.h"
#include "vglaw/train/validation.h"

namespace vglaw::train {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double peak_memory_mib() {
    rusage usage{};
    return getrusage(RUSAGE_SELF, &usage) == 0 ? double(usage.ru_maxrss) / 1024 : 0;  // KiB on Linux
}

class Run {
public:
    Run(const ExperimentConfig& config, bool resume, const TrainObserver& observer, ProcessGroup& group)
        : config_(config),
          observer_(observer),
          group_(group),
          device_(open_device(config.train.device, group.local_rank(), config.train.precision)),
          sources_(open_sources(config_.data)),
          tokenizer_(open_vocabulary(config_)),
          network_(make_network()),
          optimizer_(network_, config_.train, &group_),
          step_(resume ? go_on() : fresh()),
          loader_(training_loader(*sources_.train, tokenizer_, config_, group_)),
          bad_batches_(config_.train.on_nan == "skip", config_.train.out, *sources_.train, group_) {
        if (!group_.alone()) check_agreement(group_, config_to_json(config_), standing());
        if (config_.train.dist_backend == "nccl") group_.use_nccl(device_);
        for (const auto& text : check_masks(sources_, config_.train.tasks)) note(text);
        train_step_.emplace(config_, network_, optimizer_, group_, label_classes(), sources_.train->has_masks());
        if (group_.leads()) folder_.emplace(config_.train.out, config_to_json(config_), step_);
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
            if (failure_of_coming_) std::rethrow_exception(std::exchange(failure_of_coming_, nullptr));
            const auto batch = coming_ ? std::exchange(coming_, std::nullopt) : loader_.next();
            if (!batch) continue;  // the end of an epoch; the next call opens the next one
            train_on(*batch);
            ++step_;
            const bool last = step_ == total_, leads = group_.leads();
            if (leads && (last || step_ % train.log_every == 0)) log();
            if (leads && observer_.tick) observer_.tick(step_, total_);
            const auto start = Clock::now();
            if (last || step_ % train.validate_every == 0) validate();
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
        network->to(device_);
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
        if (auto grown = check_data(*found, describe_data(*sources_.train, *sources_.val)); !grown.empty()) note(grown);
        restore(*found, now, network_, optimizer_);
        best_ = found->best;
        log_.restore(found->log);
        const auto changed = changed_keys(found->config, now);
        note(fmt::format("resumed after step {}{}{}", found->step,
                         changed.empty() ? "" : "; changed since: ", fmt::join(changed, ", ")));
        return found->step;
    }

    [[nodiscard]] Standing standing() const {
        auto tensors = net::snapshot(*network_);
        tensors.merge(optimizer_.state());
        for (auto& [name, tensor] : tensors) tensor = tensor.cpu().contiguous();
        return {step_,
                {sources_.train->size(), sources_.val->size()},
                digest_of(net::views_of(tensors)),
                device_.is_cpu() ? torch::get_num_threads() : 0};
    }

    std::optional<LabelClasses> label_classes() {
        if (config_.loss.labelling <= 0) return std::nullopt;
        network_->keep_block = config_.loss.labelling_block;
        return labelling_classes(*sources_.train, config_.loss, config_.model.vision.depth);
    }

    void train_on(const Batch& batch) {
        const double factor = learning_rate_factor(config_.train, step_, epoch_steps_, total_);
        const auto prefetch = [this] {
            try {  // what is wrong with the next batch is no matter of this step
                if ((coming_ = loader_.next())) train_step_->prepare(*coming_);
            } catch (...) {
                failure_of_coming_ = std::current_exception();
            }
        };
        const auto outcome =
            (*train_step_)(batch, step_, factor, device_.is_cuda() ? std::function<void()>(prefetch) : nullptr);
        if (const auto left_out = bad_batches_.check(outcome, step_ + 1, batch); !left_out.empty()) {
            log_.skip();
            return note(left_out);
        }
        log_.add(outcome.losses, outcome.gradient_norm);
    }

    void log() {
        StepReport report = log_.report(config_.train.batch, loader_.wait_seconds());
        report.step = step_;
        report.total_steps = total_;
        report.epoch = double(step_) / double(epoch_steps_);
        report.learning_rates = optimizer_.learning_rates();
        report.learning_rate = report.learning_rates.at("rest");
        report.peak_memory_mib = peak_memory_mib();
        report.gpu_peak_memory_mib = net::gpu_peak_memory_mib(device_);
        folder_->add(report);
        if (observer_.step) observer_.step(report);
    }

    void validate() {
        const auto start = Clock::now();
        ValidationReport report;
        // No more at once than one process's micro-batch, which training was made to fit. Of however many ranks:
        // another size of batch sums in another order, and one rank and two are to say the same.
        const int batch = (config_.train.batch + config_.train.accumulate - 1) / config_.train.accumulate;
        report.metrics = train::validate(network_, *sources_.val, tokenizer_, std::size_t(std::min(batch, 64)), group_);
        report.step = step_;
        report.seconds = seconds_since(start);
        const double score = score_of(report.metrics, config_.train.tasks);
        report.best = score > best_;
        if (report.best) best_ = score;
        if (!group_.leads()) return;
        if (report.best) write_model("best.safetensors");
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
        state.data = describe_data(*sources_.train, *sources_.val);
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
    ProcessGroup& group_;
    torch::Device device_;
    std::string start_license_;
    Sources sources_;
    Tokenizer tokenizer_;
    net::Network network_;
    Optimizer optimizer_;
    double best_ = -1;
    StepLog log_;
    std::int64_t step_ = 0, epoch_steps_ = 0, total_ = 0;
    Loader loader_;
    BadBatches bad_batches_;
    std::optional<Batch> coming_;  // on a GPU: what it is given next, made while it computes
    std::exception_ptr failure_of_coming_;
    std::optional<TrainStep> train_step_;
    std::optional<RunFolder> folder_;  // the leading rank's
};

}  // namespace

TrainResult train(ExperimentConfig config, bool resume, const TrainObserver& observer) {
    if (config.train.dist_backend == "nccl") ProcessGroup::prepare_nccl();
    net::set_threads(config.train.threads);
    keep_freed_memory();
    ProcessGroup group(read_launch(), std::chrono::seconds(config.train.rendezvous_timeout));
    const auto give_up = [&](ErrorCode code, std::string reason) {
        // Who only repeats what another rank has failed with says whose reason it is already.
        if (!group.alone() && !reason.starts_with("rank ")) reason = fmt::format("rank {}: {}", group.rank(), reason);
        group.tell_failure(reason);
        fail(code, "{}", reason);
    };
    try {
        const auto result = Run(config, resume, observer, group)();
        group.leave();
        return result;
    } catch (const Error& error) {
        give_up(error.code(), error.what());
    } catch (const c10::Error& error) {
        give_up(ErrorCode::internal, fmt::format("LibTorch failed in training: {}", error.what_without_backtrace()));
    } catch (const std::exception& error) {
        if (group.alone()) throw;
        give_up(ErrorCode::internal, error.what());
    }
    return {};
}

}  // namespace vglaw::train
