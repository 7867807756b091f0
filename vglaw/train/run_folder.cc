#include "vglaw/train/run_folder.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

#include "vglaw/core/files.h"
#include "vglaw/core/shallow_json.h"
#ifndef VGLAW_MINIMAL
#include "vglaw/image/encode.h"
#include "vglaw/train/curves.h"
#endif

namespace vglaw::train {
namespace fs = std::filesystem;
namespace {

/// A line torn by a kill is not JSON.
bool is_line_up_to(const std::string& line, std::int64_t step) {
    const Json json = try_shallow_json(line);
    if (!json.is_object()) return false;
    const auto found = json.find("step");
    return found != json.end() && found->is_number_integer() && found->get<std::int64_t>() <= step;
}

/// Every number of a line: "loss" is train/loss, "val_miou" is val/miou; null says that nothing was measured.
std::vector<Scalar> scalars_of(const Json& line) {
    constexpr std::string_view validation = "val_";
    std::vector<Scalar> scalars;
    for (const auto& [key, value] : line.items()) {
        if (key == "step" || !value.is_number()) continue;
        const bool validated = key.starts_with(validation);
        scalars.push_back({validated ? "val/" + key.substr(validation.size()) : "train/" + key, value.get<double>()});
    }
    return scalars;
}

}  // namespace

RunFolder::RunFolder(fs::path folder, const Json& config, std::int64_t from_step) : folder_(std::move(folder)) {
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) fail(ErrorCode::io, "cannot make the run's folder {}: {}", folder_.string(), error.message());
    write_text(folder_ / "config.json", config.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");

    const auto metrics = folder_ / "metrics.jsonl";
    std::string kept;
    if (from_step > 0 && fs::exists(metrics)) {
        std::istringstream lines(read_text(metrics));
        for (std::string line; std::getline(lines, line);) {
            if (is_line_up_to(line, from_step)) kept += line + "\n";
        }
    }
    write_text(metrics, kept);
    events_.emplace(folder_, from_step + 1, seconds_since_1970());
}

void RunFolder::append(const Json& line) const {
    const auto path = folder_ / "metrics.jsonl";
    errno = 0;
    std::ofstream out(path, std::ios::app);
    out << line.dump() << "\n";
    out.flush();
    if (!out) fail(ErrorCode::io, "cannot append to {}: {}", path.string(), std::strerror(errno));
    events_->add(line.at("step").get<std::int64_t>(), scalars_of(line), seconds_since_1970());
}

void RunFolder::add(const StepReport& report) {
    Json line;
    line["step"] = report.step;
    line["epoch"] = report.epoch;
    line["loss"] = report.loss;
    line["l1"] = report.l1;
    line["giou"] = report.giou;
    line["focal"] = report.focal;
    line["dice"] = report.dice;
    line["pooling"] = report.pooling;
    line["labelling"] = report.labelling;
    line["gradient_norm"] = report.gradient_norm;
    line["learning_rate"] = report.learning_rate;
    for (const auto& [group, rate] : report.learning_rates) line["learning_rate_" + group] = rate;
    line["samples_per_second"] = report.samples_per_second;
    line["data_wait"] = report.data_wait;
    line["peak_memory_mib"] = report.peak_memory_mib;
    if (report.gpu_peak_memory_mib > 0) line["gpu_peak_memory_mib"] = report.gpu_peak_memory_mib;
    line["skipped"] = report.skipped;
    append(line);
}

void RunFolder::add(const ValidationReport& report) {
    const auto figures = report.metrics.figures(Frame::canvas);
    Json line;
    line["step"] = report.step;
    line["val_prec@0.5"] = figures.rec ? Json(figures.rec->precision[0]) : Json();
    line["val_box_iou"] = figures.rec ? Json(figures.rec->mean_iou) : Json();
    line["val_miou"] = figures.res ? Json(figures.res->miou) : Json();
    line["val_oiou"] = figures.res ? Json(figures.res->oiou) : Json();
    for (std::size_t bucket = 0; bucket < kLengthBuckets; ++bucket) {
        const auto part = report.metrics.figures(Frame::canvas, bucket);
        const std::string words = fmt::format("_{}_words", length_bucket_name(bucket));
        if (part.rec) line["val_prec@0.5" + words] = part.rec->precision[0];
        if (part.res) line["val_miou" + words] = part.res->miou;
    }
    line["val_seconds"] = report.seconds;
    append(line);
}

void RunFolder::draw_curves() const {
#ifndef VGLAW_MINIMAL
    const auto charts = training_curves(read_text(folder_ / "metrics.jsonl"));
    if (charts.empty()) return;
    save_png(folder_ / "curves.png", stack_charts(charts));
    write_text(folder_ / "curves.svg", stack_charts_svg(charts));
#endif
}

}  // namespace vglaw::train
