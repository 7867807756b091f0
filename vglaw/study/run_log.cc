#include "vglaw/study/run_log.h"

#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "vglaw/core/files.h"
#include "vglaw/core/shallow_json.h"

namespace vglaw {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t max_metrics_bytes = std::size_t{1} << 28, max_config_bytes = std::size_t{1} << 20;

std::string read_part(const fs::path& folder, const char* file, std::size_t max_bytes) {
    std::error_code error;
    if (!fs::is_directory(folder, error)) {
        fail(ErrorCode::not_found, "{} is not a folder; name the folder of a training run (train.out)",
             folder.string());
    }
    if (!fs::exists(folder / file, error)) {
        fail(ErrorCode::not_found, "{} has no {}; name the folder of a training run (train.out)", folder.string(),
             file);
    }
    return read_text(folder / file, max_bytes);
}

/// The last `parts` parts of a path: "runs/mine".
std::string tail(const fs::path& path, std::size_t parts) {
    std::vector<std::string> all;
    for (const fs::path& part : path) all.push_back(part.string());
    fs::path out;
    for (std::size_t i = all.size() - std::min(parts, all.size()); i < all.size(); ++i) out /= all[i];
    return out.string();
}

fs::path whole_path(const fs::path& folder) {
    fs::path path = fs::absolute(folder).lexically_normal();
    return path.has_filename() ? path : path.parent_path();  // "runs/mine/"
}

void name_runs(std::vector<RunLog>& runs) {
    for (std::size_t parts = 1; parts < 64; ++parts) {
        std::set<std::string> names;
        for (RunLog& run : runs) names.insert(run.name = tail(whole_path(run.folder), parts));
        if (names.size() == runs.size()) return;
    }
    fail(ErrorCode::invalid_argument, "a run is named twice; name each folder once");
}

}  // namespace

std::optional<double> Curve::at(double step) const {
    for (std::size_t i = steps.size(); i-- > 0;) {
        if (steps[i] == step) return values[i];
    }
    return std::nullopt;
}

const Curve* RunLog::find(std::string_view key) const {
    const auto found = std::ranges::find_if(curves, [&](const Curve& curve) { return curve.key == key; });
    return found == curves.end() ? nullptr : &*found;
}

double RunLog::last_step() const {
    double last = 0;
    for (const Curve& curve : curves) {
        for (const double step : curve.steps) last = std::max(last, step);
    }
    return last;
}

std::vector<double> RunLog::validated() const {
    const Curve* curve = find("val_seconds");  // the one figure of a validation that is never null
    return curve == nullptr ? std::vector<double>() : curve->steps;
}

std::optional<double> RunLog::best_step() const {
    const Json train = config.value("train", Json());
    const Json tasks = train.is_object() ? train.value("tasks", Json()) : Json();
    const Curve *rec = find("val_prec@0.5"), *res = find("val_miou");
    std::optional<double> best_step;
    double best = -1;
    for (const double step : validated()) {
        const double box = rec == nullptr ? 0 : rec->at(step).value_or(0),
                     mask = res == nullptr ? -1 : res->at(step).value_or(-1);  // -1: there were no masks
        // The trainer's own rule: the mean of what is trained.
        const double score = tasks == "box" || mask < 0 ? box : tasks == "mask" ? mask : (box + mask) / 2;
        if (score > best) {
            best = score;
            best_step = step;
        }
    }
    return best_step;
}

std::vector<Curve> parse_metrics(const std::string& text, const std::string& origin) {
    std::vector<Curve> curves;
    std::map<std::string, std::size_t, std::less<>> places;
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', begin);
        const std::string line = text.substr(begin, end - begin);
        begin = end == std::string::npos ? text.size() : end + 1;
        ++number;
        const Json json = try_shallow_json(line);
        const auto step = json.is_object() ? json.find("step") : json.end();
        if (!json.is_object() || step == json.end() || !step->is_number_integer()) {
            if (end == std::string::npos) break;  // torn
            fail(ErrorCode::corrupt_data, "{}:{}: not a line of a training's metrics", origin, number);
        }
        for (const auto& [key, value] : json.items()) {
            if (key == "step" || !value.is_number()) continue;
            const auto [place, added] = places.try_emplace(key, curves.size());
            if (added) curves.push_back({key, {}, {}});
            curves[place->second].steps.push_back(step->get<double>());
            curves[place->second].values.push_back(value.get<double>());
        }
    }
    return curves;
}

std::vector<RunLog> read_runs(const std::vector<fs::path>& folders) {
    std::vector<RunLog> runs;
    for (const fs::path& folder : folders) {
        RunLog run;
        run.folder = folder;
        const std::string metrics = read_part(folder, "metrics.jsonl", max_metrics_bytes);
        run.config = try_shallow_json(read_part(folder, "config.json", max_config_bytes));
        if (!run.config.is_object()) {
            fail(ErrorCode::corrupt_data, "{} is not the configuration of a run", (folder / "config.json").string());
        }
        run.curves = parse_metrics(metrics, (folder / "metrics.jsonl").string());
        runs.push_back(std::move(run));
    }
    name_runs(runs);
    return runs;
}

}  // namespace vglaw
