// How far each run of a sweep has come, as its folder tells: a sweep keeps no state of its own, so it goes on from any
// stop.
#pragma once

#include <filesystem>

#include "vglaw/study/sweep_plan.h"

namespace vglaw {

enum class SweepRunState { waiting, begun, trained };

/// sweep.json is what the sweep asked for, config.json what was trained, result.json what `vglaw train --json` said.
/// Throws invalid_argument when the folder holds a run of another configuration (the keys are named) or one that no
/// sweep began.
[[nodiscard]] SweepRunState state_of(const SweepRun& run);

/// Makes the folder and writes sweep.json.
void begin_run(const SweepRun& run);

/// Where the report of a test lies. It is done when its report.json is there and asked.json has the keys of this test:
/// one of another data set is not.
[[nodiscard]] std::filesystem::path test_folder(const SweepRun& run, const SweepTest& test);
[[nodiscard]] bool is_tested(const SweepRun& run, const SweepTest& test);
/// Removes an older report and writes asked.json.
void begin_test(const SweepRun& run, const SweepTest& test);

}  // namespace vglaw
