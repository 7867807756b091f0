#include "vglaw/study/sweep_state.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <system_error>

#include "vglaw/core/files.h"
#include "vglaw/core/shallow_json.h"
#include "vglaw/study/config_difference.h"

namespace vglaw {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t max_state_bytes = std::size_t{1} << 22;

bool is_there(const fs::path& path) {
    std::error_code error;
    return fs::exists(path, error);
}

Json read_json(const fs::path& path) { return try_shallow_json(read_text(path, max_state_bytes)); }

void make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) fail(ErrorCode::io, "cannot make the run's folder {}: {}", folder.string(), error.message());
}

/// Keys with other values. A key that only one of them has came with another version of the program, and had its
/// default there.
std::vector<std::string> changed_keys(const Json& stored, const SweepRun& run) {
    std::vector<std::string> keys;
    for (const ConfigRow& row : compare_configs({stored, run.config, run.defaults})) {
        const std::string &before = row.values[0], &now = row.values[1], &unset = row.values[2];
        const bool same = (before.empty() ? unset : before) == (now.empty() ? unset : now);
        // Neither here nor in the defaults: this program does not know the key, so it cannot ask for anything else.
        if (!same && !(now.empty() && unset.empty()) && row.key != "train.out") keys.push_back(row.key);
    }
    return keys;
}

/// What was trained is what was asked for: the base may have been edited between the plan and the training.
void check_trained(const SweepRun& run) {
    const fs::path path = run.folder / "config.json";
    if (!is_there(path)) return;
    const Json trained = read_json(path);
    if (!trained.is_object()) {
        fail(ErrorCode::corrupt_data, "{} is damaged; remove {} to run it again", path.string(), run.folder.string());
    }
    auto keys = changed_keys(trained, run);
    const Json train = run.config.value("train", Json());
    if (train.is_object() && train.value("start", "") != "") {
        // The network is the one of the model that it starts from.
        std::erase_if(keys, [](const std::string& key) {
            constexpr std::string_view own[] = {"init.", "data.", "augment.", "loss.", "train."};
            return std::ranges::none_of(own, [&](std::string_view table) { return key.starts_with(table); });
        });
    }
    if (!keys.empty()) {
        fail(ErrorCode::invalid_argument,
             "{} was trained with another {}, by a configuration that has changed since; remove the folder to run it "
             "again",
             run.folder.string(), fmt::join(keys, ", "));
    }
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
    if (const auto keys = changed_keys(config, run); !keys.empty()) {
        fail(ErrorCode::invalid_argument,
             "{} was begun with another {}; choose another 'out', or remove the folder to run it again",
             run.folder.string(), fmt::join(keys, ", "));
    }
    check_trained(run);
    if (!is_there(run.folder / "result.json")) return SweepRunState::begun;
    const Json result = read_json(run.folder / "result.json");
    const Json finished = result.is_object() ? result.value("finished", Json()) : Json();
    return finished.is_boolean() && finished.get<bool>() ? SweepRunState::trained : SweepRunState::begun;
}

void begin_run(const SweepRun& run) {
    make_folder(run.folder);
    Json asked;
    asked["setting"] = run.setting;
    asked["seed"] = run.seed;
    asked["set"] = run.overrides;
    asked["config"] = run.config;
    write_text(run.folder / "sweep.json", asked.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

fs::path test_folder(const SweepRun& run, const SweepTest& test) { return run.folder / ("test-" + test.name); }

bool is_tested(const SweepRun& run, const SweepTest& test) {
    const fs::path folder = test_folder(run, test), asked = folder / "asked.json";
    return is_there(folder / "report.json") && is_there(asked) && read_json(asked) == config_to_json(test);
}

void begin_test(const SweepRun& run, const SweepTest& test) {
    const fs::path folder = test_folder(run, test);
    make_folder(folder);
    std::error_code error;
    fs::remove(folder / "report.json", error);
    if (error) fail(ErrorCode::io, "cannot remove the old report in {}: {}", folder.string(), error.message());
    write_text(folder / "asked.json", config_to_json(test).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace vglaw
