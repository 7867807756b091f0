#include <fmt/format.h>
#include <fmt/ranges.h>

#include <csignal>
#include <memory>

#include "apps/vglaw/command.h"
#include "apps/vglaw/sweep_runner.h"
#include "vglaw/study/sweep_state.h"
#include "vglaw/study/sweep_table.h"
#include "vglaw/train/experiment.h"
#include "vglaw/train/launch.h"
#ifndef VGLAW_MINIMAL
#include "vglaw/data/open_dataset.h"
#endif

namespace vglaw::app {
namespace {

volatile std::sig_atomic_t stop_asked = 0;

struct Options {
    std::string file, out;
    std::vector<std::string> overrides;
    int jobs = 1;
    bool dry_run = false, table = false, json = false, csv = false, markdown = false, lengths = false;
};

void say(const std::string& line) { fmt::print(stderr, "{}\n", line); }

/// A run that ends between two validations would have no figures.
void check_last_step(const TrainConfig& train, const std::string& where) {
    if (train.max_steps > 0 && train.max_steps % train.validate_every != 0) {
        fail(ErrorCode::invalid_argument,
             "{}: a run would end at train.max_steps {} without a validation; make that a multiple of "
             "train.validate_every, {}",
             where, train.max_steps, train.validate_every);
    }
}

/// Every key of a configuration that can be trained.
Json check_config(const Json& tree, const std::string& where) {
    const auto config = config_from_json<ExperimentConfig>(tree, where);
    config.model.validate(where);
    check_last_step(config.train, where);
    return config_to_json(config);
}

/// A data set that cannot be read must not show after a night of training.
void check_tests(const SweepPlan& plan) {
#ifdef VGLAW_MINIMAL
    if (!plan.tests.empty()) {
        fail(ErrorCode::unsupported,
             "[[test]] needs the picture decoders, which this minimal build does not have; "
             "leave it out, and evaluate elsewhere");
    }
#else
    for (const SweepTest& test : plan.tests) {
        DatasetSpec spec;
        spec.layout = test.layout;
        spec.data_root = test.data;
        spec.image_root = test.images;
        spec.instances = test.instances;
        spec.dataset = test.dataset;
        spec.split_by = test.split_by;
        spec.split = test.split;
        (void)open_dataset(spec);
    }
#endif
}

/// The processes are one run each; a launcher's variables would make each wait for the others of a group.
void refuse_launcher() {
    std::string found;
    try {
        const auto launch = train::read_launch();
        if (launch.world > 1) found = fmt::format("{} says that this is one of {}", launch.launcher, launch.world);
    } catch (const Error& error) {
        found = error.what();  // half of a launcher's variables
    }
    if (!found.empty()) {
        fail(ErrorCode::invalid_argument,
             "a sweep starts its processes itself, one a run; start it without a launcher's variables ({})", found);
    }
}

void print_plan(const SweepPlan& plan) {
    for (const SweepRun& run : plan.runs) {
        const auto state = state_of(run);
        const auto command = next_command(plan, run);
        fmt::print("{:<9} vglaw {}\n",
                   command.empty()                   ? "finished"
                   : state == SweepRunState::trained ? "trained"
                   : state == SweepRunState::begun   ? "half"
                                                     : "waiting",
                   command.empty() ? "train " + plan.base.string() + " --out " + run.folder.string()
                                   : fmt::format("{}", fmt::join(command, " ")));
    }
}

void print_table(const SweepPlan& plan, const Options& options) {
    const auto rows = sweep_rows(plan);
    if (options.json) {
        fmt::print("{}\n", sweep_json(rows));
    } else if (options.csv) {
        fmt::print("{}", sweep_csv(rows, options.lengths));
    } else if (options.markdown) {
        fmt::print("{}", to_markdown(sweep_text(rows, options.lengths)));
    } else {
        fmt::print("{}", to_text(sweep_text(rows, options.lengths)));
    }
}

int run(const Options& options) {
    const SweepPlan plan = read_sweep(options.file, options.overrides, options.out, check_config);
    for (const SweepRun& one : plan.runs) (void)state_of(one);  // another sweep's folder is refused now
    if (options.dry_run) {
        print_plan(plan);
        return 0;
    }
    if (options.table) {
        print_table(plan, options);
        return 0;
    }
    refuse_launcher();
    check_tests(plan);
    // Ctrl-C and a scheduler's TERM end the sweep: each training after its step, with a checkpoint.
    std::signal(SIGINT, [](int) { stop_asked = 1; });
    std::signal(SIGTERM, [](int) { stop_asked = 1; });
    SweepRunnerOptions runner;
    runner.jobs = options.jobs;
    runner.note = say;
    runner.stop = [] { return stop_asked != 0; };
    const SweepOutcome outcome = run_sweep(plan, runner);
    if (outcome.stopped) {
        say("stopped; the same command goes on from here");
    } else {
        print_table(plan, options);
    }
    if (!outcome.failed.empty()) {
        fail(ErrorCode::invalid_argument, "{} of {} runs failed, the first: {}", outcome.failed.size(),
             plan.runs.size(), outcome.failed.front());
    }
    return 0;
}

}  // namespace

std::function<int()> setup_sweep(CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("sweep", options->file, "settings x seeds over one configuration, TOML (configs/sweeps/)")
        ->required();
    command.add_option("--set", options->overrides, "override a key in every run: train.epochs=2; may be repeated")
        ->take_all()
        ->allow_extra_args(false);
    command.add_option("--out", options->out, "folder of the runs (the sweep's out)");
    command.add_option("--jobs", options->jobs, "runs at a time, a process each")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    auto* dry_run =
        command.add_flag("--dry-run", options->dry_run, "check every setting, list the runs and how far they are");
    command.add_flag("--table", options->table, "run nothing, print the table of what is finished")->excludes(dry_run);
    auto* json = command.add_flag("--json", options->json, "the table as one JSON object, with every seed's values");
    auto* csv = command.add_flag("--csv", options->csv, "the table as CSV, fractions")->excludes(json);
    command.add_flag("--markdown", options->markdown, "the table as Markdown")->excludes(json)->excludes(csv);
    command.add_flag("--lengths", options->lengths, "columns by the number of words of the expression too");
    return [options] { return run(*options); };
}

}  // namespace vglaw::app
