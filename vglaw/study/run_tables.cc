#include "vglaw/study/run_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "vglaw/evaluate/metrics.h"

namespace vglaw {
namespace {

constexpr std::array validation_keys = {"val_prec@0.5", "val_box_iou", "val_miou", "val_oiou"};

std::optional<double> logged(const RunLog& run, std::string_view key, double step) {
    const Curve* curve = run.find(key);
    return curve == nullptr ? std::nullopt : curve->at(step);
}

std::optional<double> mean(const RunLog& run, std::string_view key) {
    const Curve* curve = run.find(key);
    if (curve == nullptr || curve->values.empty()) return std::nullopt;
    return std::accumulate(curve->values.begin(), curve->values.end(), 0.0) / double(curve->values.size());
}

std::string number_or_dash(std::optional<double> value, int decimals) {
    return value ? fmt::format("{:.{}f}", *value, decimals) : "-";
}

/// 11875 as 11,875.
std::string grouped(double value) {
    std::string digits = fmt::format("{:.0f}", value);
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
    return digits;
}

std::optional<double> figure(const Json& frame, const char* task, const std::string& name) {
    const Json figures = frame.value(task, Json());
    const Json value = figures.is_object() ? figures.value(name, Json()) : Json();
    return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

}  // namespace

std::string percent_or_dash(std::optional<double> fraction) {
    return fraction ? fmt::format("{:.2f}", *fraction * 100) : "-";
}

TextTable validation_table(const std::vector<RunLog>& runs) {
    TextTable table{{"run", "validation", "step", "REC Prec@0.5", "REC mean IoU", "RES mIoU", "RES oIoU"}, {}, 2};
    for (const RunLog& run : runs) {
        const auto best = run.best_step();
        if (!best) continue;
        const auto steps = run.validated();
        const double last = *std::ranges::max_element(steps);
        const auto add = [&](const std::string& which, double step) {
            std::vector<std::string> row{run.name, which, grouped(step)};
            for (const char* key : validation_keys) row.push_back(percent_or_dash(logged(run, key, step)));
            table.rows.push_back(std::move(row));
        };
        add(*best == last ? "best and last" : "best", *best);
        if (*best != last) add("last", last);
    }
    return table;
}

TextTable lengths_table(const std::vector<RunLog>& runs) {
    TextTable table{{"run", "task"}, {}, 2};
    for (std::size_t bucket = 0; bucket < kLengthBuckets; ++bucket) {
        table.header.push_back(fmt::format("{} words", length_bucket_name(bucket)));
    }
    for (const RunLog& run : runs) {
        const auto best = run.best_step();
        if (!best) continue;
        for (const auto& [task, key] : {std::pair{"REC Prec@0.5", "val_prec@0.5"}, std::pair{"RES mIoU", "val_miou"}}) {
            std::vector<std::string> row{run.name, task};
            bool any = false;
            for (std::size_t bucket = 0; bucket < kLengthBuckets; ++bucket) {
                const auto value = logged(run, fmt::format("{}_{}_words", key, length_bucket_name(bucket)), *best);
                any = any || value;
                row.push_back(percent_or_dash(value));
            }
            if (any) table.rows.push_back(std::move(row));
        }
    }
    return table;
}

TextTable effort_table(const std::vector<RunLog>& runs) {
    TextTable table{{"run", "steps", "epochs", "samples", "samples/s", "data wait", "a validation"}, {}, 1};
    for (const RunLog& run : runs) {
        const Json train = run.config.value("train", Json::object());
        const Json batch = train.is_object() ? train.value("batch", Json()) : Json();
        const double steps = run.last_step();
        const auto wait = mean(run, "data_wait"), seconds = mean(run, "val_seconds");
        table.rows.push_back({run.name, grouped(steps), number_or_dash(logged(run, "epoch", steps), 2),
                              batch.is_number() ? grouped(steps * batch.get<double>()) : "-",
                              number_or_dash(mean(run, "samples_per_second"), 1),
                              wait ? percent_or_dash(wait) + " %" : "-",
                              seconds ? number_or_dash(seconds, 1) + " s" : "-"});
    }
    return table;
}

std::string evaluation_name(const RunLog& run, const EvaluationFolder& evaluation) {
    return evaluation.folder.lexically_relative(run.folder).string();
}

TextTable evaluations_table(const std::vector<RunLog>& runs,
                            const std::vector<std::vector<EvaluationFolder>>& evaluations) {
    TextTable table{{"run", "evaluation", "data", "frame", "expressions", "REC Prec@0.5", "Prec@0.7", "Prec@0.9",
                     "REC mean IoU", "RES mIoU", "RES oIoU"},
                    {},
                    4};
    for (std::size_t i = 0; i < runs.size(); ++i) {
        for (const EvaluationFolder& evaluation : evaluations[i]) {
            const Json data = evaluation.figures.value("data", Json()),
                       count = evaluation.figures.value("expressions", Json());
            for (const Frame frame : kFrames) {
                const std::string name(to_string(frame));
                const Json figures = evaluation.figures.value(name, Json());
                if (!figures.is_object()) continue;
                table.rows.push_back({runs[i].name, evaluation_name(runs[i], evaluation),
                                      data.is_string() ? data.get<std::string>() : "-", name,
                                      count.is_number() ? grouped(count.get<double>()) : "-",
                                      percent_or_dash(figure(figures, "rec", "prec@0.5")),
                                      percent_or_dash(figure(figures, "rec", "prec@0.7")),
                                      percent_or_dash(figure(figures, "rec", "prec@0.9")),
                                      percent_or_dash(figure(figures, "rec", "mean_box_iou")),
                                      percent_or_dash(figure(figures, "res", "miou")),
                                      percent_or_dash(figure(figures, "res", "oiou"))});
            }
        }
    }
    return table;
}

}  // namespace vglaw
