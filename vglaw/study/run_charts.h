// The curves of training runs as charts of a web page: one figure of metrics.jsonl a chart, one line a run.
#pragma once

#include <string>
#include <vector>

#include "vglaw/study/run_log.h"

namespace vglaw {

/// Groups of charts under headings: validation, training losses, optimisation, speed, and whatever else was logged.
/// Left out are figures that no run has, and losses that are 0 throughout: they were not trained. HTML; empty when
/// nothing was logged.
[[nodiscard]] std::string run_charts(const std::vector<RunLog>& runs);

}  // namespace vglaw
