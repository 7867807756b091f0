// Training curves from metrics.jsonl: three charts, one below the other. Not in the minimal build, which cannot draw.
#pragma once

#include <string>
#include <vector>

#include "vglaw/image/chart.h"

namespace vglaw::train {

struct CurveChart {
    ChartOptions options;
    std::vector<Series> series;
};

/// Loss and its parts, Prec@0.5 and mIoU of the validations (per cent), learning rate; over steps. `metrics` is the
/// text of metrics.jsonl, lines that are not JSON are left out. A part that was never trained, a figure that was never
/// measured and a chart without a line are left out, so the result may be empty.
[[nodiscard]] std::vector<CurveChart> training_curves(const std::string& metrics);

/// The charts stacked. At least one.
[[nodiscard]] Image stack_charts(const std::vector<CurveChart>& charts);
[[nodiscard]] std::string stack_charts_svg(const std::vector<CurveChart>& charts);

}  // namespace vglaw::train
