#include "vglaw/train/run_folder.h"

#include <fstream>
#include <sstream>

#include "vglaw/core/files.h"

namespace vglaw::train {
namespace fs = std::filesystem;

RunFolder::RunFolder(fs::path folder, const Json& config, std::int64_t from_step) : folder_(std::move(folder)) {
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) fail(ErrorCode::io, "cannot make the run's folder {}: {}", folder_.string(), error.message());
    write_text(folder_ / "config.json", config.dump(2) + "\n");

    const auto metrics = folder_ / "metrics.jsonl";
    std::string kept;
    if (from_step > 0 && fs::exists(metrics)) {
        std::istringstream lines(read_text(metrics));
        for (std::string line; std::getline(lines, line);) {
            const Json json = Json::parse(line, nullptr, false);  // a line torn by a kill is not JSON and is left out
            if (json.is_object() && json.value("step", std::int64_t{-1}) <= from_step) kept += line + "\n";
        }
    }
    write_text(metrics, kept);
}

void RunFolder::append(const Json& line) const {
    std::ofstream out(folder_ / "metrics.jsonl", std::ios::app);
    out << line.dump() << "\n";
    out.flush();
    if (!out) fail(ErrorCode::io, "cannot append to {}", (folder_ / "metrics.jsonl").string());
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
    line["gradient_norm"] = report.gradient_norm;
    line["learning_rate"] = report.learning_rate;
    line["samples_per_second"] = report.samples_per_second;
    line["data_wait"] = report.data_wait;
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
    line["val_seconds"] = report.seconds;
    append(line);
}

}  // namespace vglaw::train
