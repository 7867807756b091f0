// The figures of training runs as tables of text.
#pragma once

#include <optional>
#include <vector>

#include "vglaw/evaluate/text_table.h"
#include "vglaw/study/evaluation_folder.h"
#include "vglaw/study/run_log.h"

namespace vglaw {

/// The best validation of each run (the one its best.safetensors is of), and its last.
[[nodiscard]] TextTable validation_table(const std::vector<RunLog>& runs);
/// The best validation by expression length; without rows when no run logged any.
[[nodiscard]] TextTable lengths_table(const std::vector<RunLog>& runs);
/// How long, on how much, how fast.
[[nodiscard]] TextTable effort_table(const std::vector<RunLog>& runs);
/// What `vglaw eval` measured, a row a frame; without rows when there is none.
[[nodiscard]] TextTable evaluations_table(const std::vector<RunLog>& runs,
                                          const std::vector<std::vector<EvaluationFolder>>& evaluations);

/// The evaluation's folder as seen from the run's: "val-best"; "." for the run's own.
[[nodiscard]] std::string evaluation_name(const RunLog& run, const EvaluationFolder& evaluation);

/// "82.27", or "-" where there is no figure. In per cent.
[[nodiscard]] std::string percent_or_dash(std::optional<double> fraction);

}  // namespace vglaw
