// Runs what is left of a sweep, each run and each evaluation as a process of its own.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "vglaw/study/sweep_plan.h"

namespace vglaw::app {

struct SweepRunnerOptions {
    int jobs = 1;                                  ///< processes at a time
    std::function<void(const std::string&)> note;  ///< one line about what began or ended
    std::function<bool()> stop;                    ///< asked all the time; true ends the processes, each after its step
};

struct SweepOutcome {
    bool stopped = false;
    std::vector<std::string> failed;  ///< "passive, seed 2: REASON", one a run
};

/// What to do next for a run, as arguments of this program; empty when all is done. Throws as state_of does.
[[nodiscard]] std::vector<std::string> next_command(const SweepPlan& plan, const SweepRun& run);

/// Goes on where it stopped: runs that are finished are left alone, a half one is resumed. A run that fails does not
/// keep the others from running. Throws io when another sweep is at work in plan.out.
[[nodiscard]] SweepOutcome run_sweep(const SweepPlan& plan, const SweepRunnerOptions& options);

}  // namespace vglaw::app
