#include "vglaw/evaluate/report.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "vglaw/evaluate/text_table.h"

namespace vglaw {
namespace {

using Json = nlohmann::ordered_json;

/// Expressions are people's text; a stray byte that is not UTF-8 must not lose a whole report.
std::string dump(const Json& json, int indent) { return json.dump(indent, ' ', false, Json::error_handler_t::replace); }

std::string percent(std::optional<double> fraction) { return fraction ? fmt::format("{:.2f}", *fraction * 100) : "-"; }

std::optional<double> precision_at_half(const Figures& figures) {
    return figures.rec ? std::optional(figures.rec->precision[0]) : std::nullopt;
}
std::optional<double> miou(const Figures& figures) {
    return figures.res ? std::optional(figures.res->miou) : std::nullopt;
}
Json number_or_null(std::optional<double> value) { return value ? Json(*value) : Json(nullptr); }

TextTable figures_table(const Metrics& metrics) {
    TextTable table;
    table.header = {"frame", "task", "expressions"};
    table.left_columns = 2;
    for (const int tenths : kPrecisionTenths) table.header.push_back(fmt::format("Prec@0.{}", tenths));
    table.header.insert(table.header.end(), {"mIoU", "oIoU"});
    for (const Frame frame : kFrames) {
        const Figures figures = metrics.figures(frame);
        std::vector<std::string> rec = {std::string(to_string(frame)), "REC (box)",
                                        std::to_string(figures.expressions)};
        std::vector<std::string> res = {std::string(to_string(frame)), "RES (mask)",
                                        std::to_string(figures.res ? figures.res->expressions : 0)};
        for (std::size_t i = 0; i < kPrecisionTenths.size(); ++i) {
            rec.push_back(percent(figures.rec ? std::optional(figures.rec->precision[i]) : std::nullopt));
            res.push_back(percent(figures.res ? std::optional(figures.res->precision[i]) : std::nullopt));
        }
        rec.push_back(percent(figures.rec ? std::optional(figures.rec->mean_iou) : std::nullopt));
        rec.push_back("-");
        res.push_back(percent(miou(figures)));
        res.push_back(percent(figures.res ? std::optional(figures.res->oiou) : std::nullopt));
        table.rows.push_back(std::move(rec));
        if (figures.res) table.rows.push_back(std::move(res));
    }
    return table;
}

TextTable lengths_table(const Metrics& metrics) {
    TextTable table;
    table.header = {"frame", "words", "expressions", "REC Prec@0.5", "RES mIoU"};
    table.left_columns = 2;
    for (const Frame frame : kFrames) {
        for (std::size_t bucket = 0; bucket < kLengthBuckets; ++bucket) {
            const Figures figures = metrics.figures(frame, bucket);
            table.rows.push_back({std::string(to_string(frame)), std::string(length_bucket_name(bucket)),
                                  std::to_string(figures.expressions), percent(precision_at_half(figures)),
                                  percent(miou(figures))});
        }
    }
    return table;
}

std::string precision_key(std::size_t i) { return fmt::format("prec@0.{}", kPrecisionTenths[i]); }

Json frame_json(const Metrics& metrics, Frame frame) {
    const Figures figures = metrics.figures(frame);
    Json rec = nullptr, res = nullptr, by_length = Json::array();
    if (figures.rec) {
        for (std::size_t i = 0; i < kPrecisionTenths.size(); ++i) rec[precision_key(i)] = figures.rec->precision[i];
        rec["mean_box_iou"] = figures.rec->mean_iou;
    }
    if (figures.res) {
        res["expressions"] = figures.res->expressions;
        res["miou"] = figures.res->miou;
        res["oiou"] = figures.res->oiou;
        for (std::size_t i = 0; i < kPrecisionTenths.size(); ++i) res[precision_key(i)] = figures.res->precision[i];
    }
    for (std::size_t bucket = 0; bucket < kLengthBuckets; ++bucket) {
        const Figures part = metrics.figures(frame, bucket);
        Json entry;
        entry["words"] = length_bucket_name(bucket);
        entry["expressions"] = part.expressions;
        entry["prec@0.5"] = number_or_null(precision_at_half(part));
        entry["miou"] = number_or_null(miou(part));
        by_length.push_back(std::move(entry));
    }
    Json json;
    json["rec"] = std::move(rec);
    json["res"] = std::move(res);
    json["by_length"] = std::move(by_length);
    return json;
}

/// Thousandths of a pixel: a float's own digits would only be noise to read.
Json box_json(const BoxXyxy& box) {
    const auto rounded = [](float value) { return std::round(double(value) * 1000.0) / 1000.0; };
    return Json::array({rounded(box.x0), rounded(box.y0), rounded(box.x1), rounded(box.y1)});
}

}  // namespace

std::string report_table(const Metrics& metrics, const ReportTitle& title) {
    return fmt::format("{}\n{}, {} expressions, mask threshold {}; percentages\n\n{}\n{}", title.model, title.data,
                       metrics.expressions(), title.mask_threshold, to_text(figures_table(metrics)),
                       to_text(lengths_table(metrics)));
}

std::string report_markdown(const Metrics& metrics, const ReportTitle& title) {
    return fmt::format(
        "# Evaluation\n\n- model: {}\n- data: {}\n- expressions: {}\n- mask threshold: {}\n\n"
        "Percentages. The canvas is the padded square the network sees; original is the picture's own resolution. mIoU "
        "of REC is the mean IoU of boxes.\n\n{}\n## By expression length\n\n{}",
        escape_markdown(title.model), escape_markdown(title.data), metrics.expressions(), title.mask_threshold,
        to_markdown(figures_table(metrics)), to_markdown(lengths_table(metrics)));
}

std::string report_json(const Metrics& metrics, const ReportTitle& title, int indent) {
    Json json;
    json["model"] = title.model;
    json["data"] = title.data;
    json["expressions"] = metrics.expressions();
    json["mask_threshold"] = title.mask_threshold;
    for (const Frame frame : kFrames) json[std::string(to_string(frame))] = frame_json(metrics, frame);
    return dump(json, indent);
}

std::string record_json(const ExpressionRecord& record) {
    Json json;
    json["index"] = record.score.index;
    json["image_id"] = record.image_id;
    json["ref_id"] = record.ref_id;
    json["sentence_id"] = record.sentence_id;
    json["expression"] = record.expression;
    json["words"] = record.score.words;
    json["box"] = box_json(record.predicted_px);
    json["truth_box"] = box_json(record.truth_px);
    for (const Frame frame : kFrames) {
        const FrameScore& score = record.score.in(frame);
        Json ious;
        ious["box_iou"] = score.box_iou;
        ious["mask_iou"] = record.score.has_mask ? Json(mask_iou(score.mask)) : Json(nullptr);
        json[std::string(to_string(frame))] = std::move(ious);
    }
    return dump(json, -1);
}

}  // namespace vglaw
