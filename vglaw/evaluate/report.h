// What an evaluation says to people and to programs: a table, Markdown, JSON.
#pragma once

#include <string>

#include "vglaw/evaluate/evaluator.h"

namespace vglaw {

/// What was evaluated, as the reader of a report should see it.
struct ReportTitle {
    std::string model;             ///< "models/demo.safetensors, engine fp32"
    std::string data;              ///< "refcoco (unc), val"
    double mask_threshold = 0.35;  ///< as in EvaluateOptions
};

/// Aligned text of several lines, percentages with two decimals; "-" where there is no figure.
[[nodiscard]] std::string report_table(const Metrics& metrics, const ReportTitle& title);

/// The same as a Markdown page with a heading.
[[nodiscard]] std::string report_markdown(const Metrics& metrics, const ReportTitle& title);

/// One JSON object, fractions in [0, 1]. indent < 0 puts it on one line. The keys are stable:
///     {"model", "data", "expressions", "mask_threshold", "canvas": FRAME, "original": FRAME}
///     FRAME = {"rec": {"prec@0.5" ... "prec@0.9", "mean_box_iou"},
///              "res": {"expressions", "miou", "oiou", "prec@0.5" ... "prec@0.9"},
///              "by_length": [{"words": "1-5" | "6-7" | "8-10" | "11+", "expressions", "prec@0.5", "miou"}]}
/// prec@0.5 in by_length is of boxes. rec and res and figures in by_length are null where nothing was measured: an
/// empty set or bucket, a set or a model without masks.
[[nodiscard]] std::string report_json(const Metrics& metrics, const ReportTitle& title, int indent = 2);

/// One line of JSON for an expression, without a line break:
///     {"index", "image_id", "ref_id", "sentence_id", "expression", "words", "box", "truth_box", "canvas": IOU,
///     "original": IOU}
/// boxes [x0, y0, x1, y1] in pixels of the picture, to a thousandth; IOU = {"box_iou", "mask_iou"}, mask_iou null
/// without a mask.
[[nodiscard]] std::string record_json(const ExpressionRecord& record);

}  // namespace vglaw
