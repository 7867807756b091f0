// An evaluation as a folder: the figures, a line for each expression, pictures of hits and misses.
#pragma once

#include <filesystem>

#include "vglaw/data/dataset.h"
#include "vglaw/evaluate/evaluator.h"
#include "vglaw/evaluate/report.h"

namespace vglaw {

/// Writes report.json (report_json), report.md, per_expression.jsonl (record_json), and for each kept example a picture
/// hits/INDEX.png or misses/INDEX.png: ground truth and prediction, box and mask, in two colours named by its legend.
/// The pictures are read again from the data set. The folder is made when missing; files of the same names are
/// replaced. Throws io, and what the data set throws.
void write_report(const std::filesystem::path& folder, const Evaluation& evaluation, const Dataset& dataset,
                  const ReportTitle& title);

}  // namespace vglaw
