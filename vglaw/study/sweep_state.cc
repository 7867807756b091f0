#include "vglaw/study/sweep_state.h"

#include <fmt/ranges.h>

#include <system_error>

#include "vglaw/core/files.h"
#include "vglaw/study/config_difference.h"

namespace vglaw {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t max_state_bytes = std::size_t{1} << 22;

bool is_there(const fs::path& path) {
    std::error_code error;
    return fs::exists(path, error);
}

Json read_json(const fs::path& path) { return Json::parse(read_text(path, max_state_bytes), nullptr, false); }

/// Keys with other values. One that only one of them has came with another version of the program, and has its default.
std::vector<std::string> changed_keys(const Json& stored, const Json& now) {
    std::vector<std::string> keys;
    for (const ConfigRow& row : compare_configs({stored, now})) {
        const bool both = !row.values[0].empty() && !row.values[1].empty();
        if (both && row.differs() && row.key != "train.out") keys.push_back(row.key);
    }
    return keys;
}

}  // namespace

SweepRunState state_of(const SweepRun& run) {
    const fs::path asked = run.folder / "sweep.json";
    if (!is_there(asked)) {
        if (is_there(run.folder / "metrics.jsonl")) {
            fail(ErrorCode::invalid_argument, "{} holds a run that no sweep began; choose another 'out' or remove it",
                 run.folder.string());
        }
        return SweepRunState::waiting;
    }
    const Json stored = read_json(asked);
    const Json config = stored.is_object() ? stored.value("config", Json()) : Json();
    if (!config.is_object()) {
        fail(ErrorCode::corrupt_data, "{} is damaged; remove {} to run it again", asked.string(), run.folder.string());
    }
    if (const auto keys = changed_keys(config, run.config); !keys.empty()) {
        fail(ErrorCode::invalid_argument,
             "{} was begun with another {}; choose another 'out', or remove the folder to run it again",
             run.folder.string(), fmt::join(keys, ", "));
    }
    if (!is_there(run.folder / "result.json")) return SweepRunState::begun;
    const Json result = read_json(run.folder / "result.json");
    const Json finished = result.is_object() ? result.value("finished", Json()) : Json();
    return finished.is_boolean() && finished.get<bool>() ? SweepRunState::trained : SweepRunState::begun;
}

void begin_run(const SweepRun& run) {
    std::error_code error;
    fs::create_directories(run.folder, error);
    if (error) fail(ErrorCode::io, "cannot make the run's folder {}: {}", run.folder.string(), error.message());
    Json asked;
    asked["setting"] = run.setting;
    asked["seed"] = run.seed;
    asked["set"] = run.overrides;
    asked["config"] = run.config;
    write_text(run.folder / "sweep.json", asked.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

fs::path test_folder(const SweepRun& run, const SweepTest& test) { return run.folder / ("test-" + test.name); }

bool is_tested(const SweepRun& run, const SweepTest& test) { return is_there(test_folder(run, test) / "report.json"); }

}  // namespace vglaw
