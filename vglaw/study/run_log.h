// A training run, read back from its folder: its configuration and what it logged.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vglaw/core/config_fields.h"

namespace vglaw {

/// The numbers a run logged under one key of metrics.jsonl, in the order of the lines.
struct Curve {
    std::string key;  ///< "loss", "val_miou"
    std::vector<double> steps, values;
    [[nodiscard]] std::optional<double> at(double step) const;  ///< the last one logged for that step
};

struct RunLog {
    std::filesystem::path folder;
    std::string name;  ///< for people; unique among the runs read together
    Json config;
    std::vector<Curve> curves;  ///< in the order in which their keys first appear
    [[nodiscard]] const Curve* find(std::string_view key) const;
    [[nodiscard]] double last_step() const;                 ///< 0 before the first line
    [[nodiscard]] std::vector<double> validated() const;    ///< steps of the validations
    [[nodiscard]] std::optional<double> best_step() const;  ///< the validation best.safetensors was written after
};

/// Numbers of metrics.jsonl by key. What a kill left torn, a last line without its end, is left out; throws
/// corrupt_data for any other line that is not a JSON object with an integer "step". `origin` names the text.
[[nodiscard]] std::vector<Curve> parse_metrics(const std::string& text, const std::string& origin);

/// Reads config.json and metrics.jsonl of each folder. Names are the folders' last parts, or as many parts as it takes
/// to tell them apart. Throws not_found for a folder that is no run's, naming the file it lacks; corrupt_data as above.
[[nodiscard]] std::vector<RunLog> read_runs(const std::vector<std::filesystem::path>& folders);

}  // namespace vglaw
