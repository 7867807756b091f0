#include "vglaw/study/sweep_table.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "vglaw/evaluate/metrics.h"
#include "vglaw/study/evaluation_folder.h"
#include "vglaw/study/sweep_state.h"

namespace vglaw {
namespace {

struct Column {
    std::string figure, name;
};

std::string by_length(const char* figure, std::size_t bucket) {
    return std::string(figure) + "_" + std::string(length_bucket_name(bucket)) + "_words";
}

std::vector<Column> columns(bool lengths) {
    std::vector<Column> out = {
        {"prec@0.5", "REC Prec@0.5"}, {"box_iou", "REC mean IoU"}, {"miou", "RES mIoU"}, {"oiou", "RES oIoU"}};
    for (const auto& [figure, name] : {std::pair{"prec@0.5", "Prec@0.5"}, std::pair{"miou", "mIoU"}}) {
        for (std::size_t bucket = 0; lengths && bucket < kLengthBuckets; ++bucket) {
            out.push_back({by_length(figure, bucket), fmt::format("{}, {} words", name, length_bucket_name(bucket))});
        }
    }
    return out;
}

void take(const Json& from, const char* key, const std::string& name, SweepFigures& out) {
    const Json value = from.is_object() ? from.value(key, Json()) : Json();
    if (value.is_number()) out[name] = value.get<double>();
}

/// RFC 4180: quoted when it must be.
std::string csv_cell(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
}

}  // namespace

SweepFigures validation_figures(const RunLog& run) {
    SweepFigures out;
    const auto steps = run.validated();
    if (steps.empty()) return out;
    const double last = *std::ranges::max_element(steps);
    constexpr std::string_view prefix = "val_";
    for (const Curve& curve : run.curves) {
        if (!curve.key.starts_with(prefix) || curve.key == "val_seconds") continue;
        if (const auto value = curve.at(last)) out[curve.key.substr(prefix.size())] = *value;
    }
    return out;
}

SweepFigures evaluation_figures(const Json& report) {
    SweepFigures out;
    const Json frame = report.value("canvas", Json());
    if (!frame.is_object()) return out;
    const Json rec = frame.value("rec", Json()), res = frame.value("res", Json());
    take(rec, "prec@0.5", "prec@0.5", out);
    take(rec, "mean_box_iou", "box_iou", out);
    take(res, "miou", "miou", out);
    take(res, "oiou", "oiou", out);
    const Json lengths = frame.value("by_length", Json());
    for (std::size_t bucket = 0; lengths.is_array() && bucket < std::min(lengths.size(), kLengthBuckets); ++bucket) {
        take(lengths[bucket], "prec@0.5", by_length("prec@0.5", bucket), out);
        take(lengths[bucket], "miou", by_length("miou", bucket), out);
    }
    return out;
}

std::optional<Spread> spread(const SweepRow& row, const std::string& figure) {
    std::vector<double> values;
    for (const SweepFigures& figures : row.figures) {
        if (const auto found = figures.find(figure); found != figures.end()) values.push_back(found->second);
    }
    if (values.empty()) return std::nullopt;
    Spread out;
    for (const double value : values) out.mean += value / double(values.size());
    if (values.size() > 1) {
        double squares = 0;
        for (const double value : values) squares += (value - out.mean) * (value - out.mean);
        out.deviation = std::sqrt(squares / double(values.size() - 1));
    }
    return out;
}

std::vector<SweepRow> sweep_rows(const SweepPlan& plan) {
    std::vector<SweepRow> rows;
    for (const std::string& setting : plan.settings) {
        std::vector<SweepRow> sets{{setting, "validation", {}, {}}};
        for (const SweepTest& test : plan.tests) sets.push_back({setting, test.name, {}, {}});
        for (const SweepRun& run : plan.runs) {
            if (run.setting != setting || state_of(run) != SweepRunState::trained) continue;
            if (auto figures = validation_figures(read_runs({run.folder}).front()); !figures.empty()) {
                sets[0].seeds.push_back(run.seed);
                sets[0].figures.push_back(std::move(figures));
            }
            for (std::size_t i = 0; i < plan.tests.size(); ++i) {
                if (!is_tested(run, plan.tests[i])) continue;
                sets[i + 1].seeds.push_back(run.seed);
                sets[i + 1].figures.push_back(
                    evaluation_figures(read_evaluation(test_folder(run, plan.tests[i])).figures));
            }
        }
        rows.insert(rows.end(), sets.begin(), sets.end());
    }
    return rows;
}

TextTable sweep_text(const std::vector<SweepRow>& rows, bool lengths) {
    TextTable table{{"setting", "set", "seeds"}, {}, 2};
    for (const Column& column : columns(lengths)) table.header.push_back(column.name);
    for (const SweepRow& row : rows) {
        table.rows.push_back({row.setting, row.set, std::to_string(row.seeds.size())});
        for (const Column& column : columns(lengths)) {
            const auto value = spread(row, column.figure);
            std::string cell = value ? fmt::format("{:.2f}", value->mean * 100) : "-";
            if (value && value->deviation) cell += fmt::format(" ± {:.2f}", *value->deviation * 100);
            table.rows.back().push_back(std::move(cell));
        }
    }
    return table;
}

std::string sweep_json(const std::vector<SweepRow>& rows) {
    Json list = Json::array();
    for (const SweepRow& row : rows) {
        Json figures = Json::object();
        for (const Column& column : columns(true)) {
            const auto value = spread(row, column.figure);
            if (!value) continue;
            Json values = Json::array();
            for (const SweepFigures& of_seed : row.figures) {
                const auto found = of_seed.find(column.figure);
                values.push_back(found == of_seed.end() ? Json() : Json(found->second));
            }
            Json& entry = figures[column.figure];
            entry["mean"] = value->mean;
            entry["deviation"] = value->deviation ? Json(*value->deviation) : Json();
            entry["values"] = std::move(values);
        }
        Json entry;
        entry["setting"] = row.setting;
        entry["set"] = row.set;
        entry["seeds"] = row.seeds;
        entry["figures"] = std::move(figures);
        list.push_back(std::move(entry));
    }
    Json out;
    out["rows"] = std::move(list);
    return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string sweep_csv(const std::vector<SweepRow>& rows, bool lengths) {
    std::string out = "setting,set,seeds";
    for (const Column& column : columns(lengths)) out += fmt::format(",{0} mean,{0} deviation", column.figure);
    out += "\n";
    for (const SweepRow& row : rows) {
        out += fmt::format("{},{},{}", csv_cell(row.setting), csv_cell(row.set), row.seeds.size());
        for (const Column& column : columns(lengths)) {
            const auto value = spread(row, column.figure);
            out += value ? fmt::format(",{:.6f}", value->mean) : ",";
            out += value && value->deviation ? fmt::format(",{:.6f}", *value->deviation) : ",";
        }
        out += "\n";
    }
    return out;
}

}  // namespace vglaw
