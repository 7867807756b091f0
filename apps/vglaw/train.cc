#include <unistd.h>

#include <csignal>
#include <memory>

#include "apps/vglaw/command.h"
#include "apps/vglaw/progress_bar.h"
#include "vglaw/core/config_file.h"
#include "vglaw/train/trainer.h"

namespace vglaw::app {
namespace {

volatile std::sig_atomic_t stop_asked = 0;

void say(const std::string& line) { fmt::print(stderr, "{}\n", line); }

struct Options {
    std::string config, out, device;
    std::vector<std::string> overrides;
    bool resume = false, keys = false, json = false;
};

/// The parts of the loss; those that are not in the paper only when they are trained.
std::string parts_of(const train::StepReport& r) {
    auto text = fmt::format("l1 {:.4f}  giou {:.4f}  focal {:.5f}  dice {:.4f}", r.l1, r.giou, r.focal, r.dice);
    if (r.pooling > 0) text += fmt::format("  pooling {:.4f}", r.pooling);
    if (r.labelling > 0) text += fmt::format("  labelling {:.4f}", r.labelling);
    return text;
}

train::TrainObserver terminal_observer(ProgressBar& bar) {
    train::TrainObserver observer;
    observer.note = [&bar](const std::string& text) { bar.line(text); };
    observer.tick = [&bar](std::int64_t step, std::int64_t total) { bar.update(step, total); };
    observer.step = [&bar](const train::StepReport& r) {
        bar.set_detail(fmt::format("loss {:.3f}  {}  {:.1f} samples/s", r.loss, parts_of(r), r.samples_per_second));
        if (!bar.on_terminal()) {
            bar.line(
                fmt::format("step {}/{}  epoch {:.2f}  loss {:.4f}  {}  norm {:.3f}  lr {:.2e}  {:.1f} samples/s  data "
                            "wait {:.0f} %",
                            r.step, r.total_steps, r.epoch, r.loss, parts_of(r), r.gradient_norm, r.learning_rate,
                            r.samples_per_second, 100 * r.data_wait));
        }
    };
    observer.validation = [&bar](const train::ValidationReport& r) {
        const auto figures = r.metrics.figures(Frame::canvas);
        std::string line = fmt::format("validation at step {}: {} expressions", r.step, figures.expressions);
        if (figures.rec) line += fmt::format("  Prec@0.5 {:.2f} %", 100 * figures.rec->precision[0]);
        if (figures.res) line += fmt::format("  mIoU {:.2f} %", 100 * figures.res->miou);
        bar.line(line + fmt::format("  ({:.1f} s{})", r.seconds, r.best ? ", best so far" : ""));
    };
    observer.stop = [] { return stop_asked != 0; };
    return observer;
}

int run(const Options& options) {
    if (options.keys) {
        fmt::print("{}", config_help<ExperimentConfig>());
        return 0;
    }
    Json tree = read_toml(options.config);
    for (const auto& assignment : options.overrides) apply_override(tree, assignment);
    auto config = config_from_json<ExperimentConfig>(tree, options.config);
    if (!options.out.empty()) config.train.out = options.out;
    if (!options.device.empty()) config.train.device = options.device;

    // Ctrl-C and a scheduler's TERM end the run after the step, with a checkpoint to resume from.
    std::signal(SIGINT, [](int) { stop_asked = 1; });
    std::signal(SIGTERM, [](int) { stop_asked = 1; });
    ProgressBar bar;
    const auto result = train::train(config, options.resume, terminal_observer(bar));
    bar.finish();
    if (!result.finished) say(fmt::format("stopped after step {}; go on with --resume", result.step));
    if (options.json) {
        Json line;
        line["model"] = result.model;
        line["step"] = result.step;
        line["best"] = result.best;
        line["finished"] = result.finished || (config.train.max_steps > 0 && result.step >= config.train.max_steps);
        fmt::print("{}\n", line.dump(-1, ' ', false, Json::error_handler_t::replace));
    } else if (!result.model.empty()) {
        fmt::print("{}\n", result.model);
    }
    return 0;
}

}  // namespace

std::function<int()> setup_train(CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("config", options->config, "experiment, TOML (configs/)");
    command.add_option("--set", options->overrides, "override a key: law.kind=none; may be repeated")
        ->take_all()
        ->allow_extra_args(false);
    command.add_option("--out", options->out, "folder of the run (train.out)");
    command.add_option("--device", options->device, "cpu or cuda (train.device)")
        ->check(CLI::IsMember({"cpu", "cuda"}));
    command.add_flag("--resume", options->resume, "go on from the newest checkpoint");
    command.add_flag("--json", options->json,
                     "one JSON object on stdout instead of the model's path: model, step, best, finished");
    command.add_flag("--keys", options->keys, "list every key of a config file and end");
    // Not callback(): that one is main's.
    command.parse_complete_callback([options] {
        if (options->config.empty() && !options->keys) throw CLI::RequiredError("config");
    });
    return [options] { return run(*options); };
}

}  // namespace vglaw::app
