#include "apps/vglaw/sweep_runner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <deque>
#include <sstream>
#include <system_error>
#include <thread>
#include <utility>

#include "apps/vglaw/child_process.h"
#include "vglaw/core/files.h"
#include "vglaw/study/sweep_state.h"
#include "vglaw/study/sweep_table.h"

namespace vglaw::app {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// Held as long as this process or one it started lives (they inherit it): a training that outlives a killed sweep
/// keeps a second sweep from training into the same folder.
class FolderLock {
public:
    explicit FolderLock(const fs::path& folder) {
        std::error_code error;
        fs::create_directories(folder, error);
        if (error) fail(ErrorCode::io, "cannot make the sweep's folder {}: {}", folder.string(), error.message());
        const fs::path path = folder / "sweep.lock";
        file_ = ::open(path.c_str(), O_RDWR | O_CREAT, 0644);  // NOLINT: inherited on purpose
        if (file_ < 0) fail(ErrorCode::io, "cannot write {}: {}", path.string(), std::strerror(errno));
        if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
            ::close(file_);
            fail(ErrorCode::io, "another sweep, or a run it began, is at work in {}; wait for it or stop it",
                 folder.string());
        }
    }
    ~FolderLock() { ::close(file_); }
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    int file_;
};

std::string name_of(const SweepRun& run) { return fmt::format("{}, seed {}", run.setting, run.seed); }

struct Job {
    const SweepRun* run;
    std::vector<std::string> command;
    fs::path log;
    ChildProcess process;
    Clock::time_point start = Clock::now();
};

const SweepTest* next_test(const SweepPlan& plan, const SweepRun& run) {
    const auto left = std::ranges::find_if(plan.tests, [&run](const SweepTest& test) { return !is_tested(run, test); });
    return left == plan.tests.end() ? nullptr : &*left;
}

Job start(const SweepPlan& plan, const SweepRun& run) {
    auto command = next_command(plan, run);
    begin_run(run);
    if (command.front() == "eval") begin_test(run, *next_test(plan, run));
    const fs::path log = run.folder / (command.front() + ".log");
    const fs::path output = run.folder / (command.front() == "train" ? "result.json" : command.front() + ".txt");
    ChildProcess process(command, output, log);
    return {&run, std::move(command), log, std::move(process)};
}

/// The last line a process wrote: the program ends with the one that says why.
std::string last_line(const fs::path& log) {
    std::string last, text;
    try {
        text = read_text(log);
    } catch (const Error&) {
        return "it left no log";
    }
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (!line.empty()) last = line;
    }
    return last.starts_with("vglaw: ") ? last.substr(7) : last;
}

std::string duration(Clock::time_point start) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - start).count();
    return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string figures_of(const SweepRun& run) {
    const auto figures = validation_figures(read_runs({run.folder}).front());
    std::string out;
    for (const auto& [key, name] : {std::pair{"prec@0.5", "Prec@0.5"}, std::pair{"miou", "mIoU"}}) {
        if (const auto found = figures.find(key); found != figures.end()) {
            out += fmt::format(", {} {:.2f} %", name, 100 * found->second);
        }
    }
    return out;
}

/// How a job has ended: what was wrong, or what to say of a run that is complete. Both empty: it goes on.
struct Ending {
    std::string failure, figures;
    bool complete = false;
};

/// Why a job that has ended has not done what it should; empty when it has.
std::string failure_of(const SweepPlan& plan, const Job& job, int code) {
    if (code > 128) return fmt::format("ended by signal {}; see {}", code - 128, job.log.string());
    if (code != 0) return fmt::format("{} (see {})", last_line(job.log), job.log.string());
    if (next_command(plan, *job.run) == job.command) return "was stopped by somebody else; run the sweep again";
    return "";
}

/// `stopped`: it was told to end, and a training saved a checkpoint for that. Whatever is wrong with one run's folder
/// is that run's failure, not the others'.
Ending ending_of(const SweepPlan& plan, const Job& job, int code, bool stopped) {
    Ending ending;
    try {
        const bool as_told = stopped && (code == 0 || code == 128 + SIGTERM);
        if (!as_told) ending.failure = failure_of(plan, job, code);
        ending.complete = ending.failure.empty() && next_command(plan, *job.run).empty();
        if (ending.complete) ending.figures = figures_of(*job.run);
    } catch (const Error& error) {
        ending = {error.what(), "", false};
    }
    return ending;
}

}  // namespace

std::vector<std::string> next_command(const SweepPlan& plan, const SweepRun& run) {
    if (state_of(run) != SweepRunState::trained) {
        std::vector<std::string> train{"train", plan.base.string(), "--json", "--resume", "--out", run.folder.string()};
        for (const std::string& assignment : run.overrides) train.insert(train.end(), {"--set", assignment});
        return train;
    }
    if (const SweepTest* left = next_test(plan, run)) {
        const SweepTest& test = *left;
        std::vector<std::string> eval{"eval",
                                      "--model",
                                      (run.folder / "best.safetensors").string(),
                                      "--data",
                                      test.data,
                                      "--layout",
                                      test.layout,
                                      "--dataset",
                                      test.dataset,
                                      "--split-by",
                                      test.split_by,
                                      "--split",
                                      test.split,
                                      "--threads",
                                      run.config.at("train").at("threads").dump(),
                                      "--report",
                                      test_folder(run, test).string()};
        if (!test.images.empty()) eval.insert(eval.end(), {"--images", test.images});
        if (!test.instances.empty()) eval.insert(eval.end(), {"--instances", test.instances});
        return eval;
    }
    return {};
}

SweepOutcome run_sweep(const SweepPlan& plan, const SweepRunnerOptions& options) {
    const FolderLock lock(plan.out);
    std::deque<const SweepRun*> waiting;
    for (const SweepRun& run : plan.runs) {
        if (!next_command(plan, run).empty()) waiting.push_back(&run);
    }
    const std::size_t total = plan.runs.size();
    std::size_t done = total - waiting.size();
    if (done > 0) options.note(fmt::format("{} of {} runs are finished already", done, total));
    SweepOutcome outcome;
    const auto give_up = [&](const SweepRun& run, const std::string& reason) {
        outcome.failed.push_back(fmt::format("{}: {}", name_of(run), reason));
        options.note(outcome.failed.back());
    };
    std::vector<Job> jobs;
    while (!jobs.empty() || (!waiting.empty() && !outcome.stopped)) {
        if (!outcome.stopped && options.stop()) {
            outcome.stopped = true;
            for (const Job& job : jobs) job.process.terminate();
        }
        while (!outcome.stopped && !waiting.empty() && int(jobs.size()) < options.jobs) {
            const SweepRun& run = *waiting.front();
            waiting.pop_front();
            try {
                const bool resumed = state_of(run) == SweepRunState::begun;
                jobs.push_back(start(plan, run));
                options.note(fmt::format("[{}/{}] {}: {}", done, total, name_of(run),
                                         jobs.back().command.front() == "eval" ? "evaluation"
                                         : resumed                             ? "training, resumed"
                                                                               : "training"));
            } catch (const Error& error) {
                give_up(run, error.what());
            }
        }
        for (std::size_t i = 0; i < jobs.size();) {
            const auto code = jobs[i].process.poll();
            if (!code) {
                ++i;
                continue;
            }
            const Job job = std::move(jobs[i]);
            jobs.erase(jobs.begin() + std::ptrdiff_t(i));
            const Ending ending = ending_of(plan, job, *code, outcome.stopped);
            done += ending.complete ? 1 : 0;
            if (!ending.failure.empty()) {
                give_up(*job.run, ending.failure);
            } else if (ending.complete) {
                options.note(fmt::format("[{}/{}] {}: finished in {}{}", done, total, name_of(*job.run),
                                         duration(job.start), ending.figures));
            } else if (!outcome.stopped) {
                waiting.push_front(job.run);  // its evaluation
            }
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return outcome;
}

}  // namespace vglaw::app
