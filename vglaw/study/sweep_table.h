// What a sweep found: figures of each setting as mean and standard deviation over its seeds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "vglaw/evaluate/text_table.h"
#include "vglaw/study/run_log.h"
#include "vglaw/study/sweep_plan.h"

namespace vglaw {

/// Figures by name, fractions in [0, 1]: "prec@0.5", "box_iou", "miou", "oiou", and "prec@0.5_1-5_words",
/// "miou_11+_words", ... by expression length. Canvas frame. One that was not measured is absent.
using SweepFigures = std::map<std::string, double>;

/// Of the run's last validation: no choice was made by the figures shown, as it is with the best one.
[[nodiscard]] SweepFigures validation_figures(const RunLog& run);
/// Of a report.json.
[[nodiscard]] SweepFigures evaluation_figures(const Json& report);

struct SweepRow {
    std::string setting, set;           ///< set: "validation", or a test's name
    std::vector<std::int64_t> seeds;    ///< of the finished runs
    std::vector<SweepFigures> figures;  ///< one a seed
};

struct Spread {
    double mean = 0;
    std::optional<double> deviation;  ///< standard deviation of a sample, n - 1; absent for one value
};
[[nodiscard]] std::optional<Spread> spread(const SweepRow& row, const std::string& figure);

/// A row for each setting and set; runs that are not finished do not count. Reads the runs' folders.
[[nodiscard]] std::vector<SweepRow> sweep_rows(const SweepPlan& plan);

/// "82.27 ± 0.41" in per cent; with `lengths`, Prec@0.5 and mIoU by expression length too.
[[nodiscard]] TextTable sweep_text(const std::vector<SweepRow>& rows, bool lengths);
/// {"rows": [{"setting", "set", "seeds": [...], "figures": {NAME: {"mean", "deviation", "values": [...]}}}]}; deviation
/// is null for one value, values are in the order of seeds.
[[nodiscard]] std::string sweep_json(const std::vector<SweepRow>& rows);
/// setting,set,seeds,FIGURE mean,FIGURE deviation,...; an empty cell where there is no figure (RFC 4180).
[[nodiscard]] std::string sweep_csv(const std::vector<SweepRow>& rows, bool lengths);

}  // namespace vglaw
