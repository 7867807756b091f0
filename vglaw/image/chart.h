// Line charts: training curves, comparisons.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "vglaw/image/image.h"

namespace vglaw {

/// Points joined in the order given; one that is not finite breaks the line.
struct Series {
    std::string name;  ///< for the legend
    std::vector<double> x, y;
};

struct ChartOptions {
    std::string title = {}, x_label = {}, y_label = {};
    int width = 900, height = 540;  ///< pixels; SVG: points. At least 200 x 150
    bool y_from_zero = false;       ///< include 0 in the y axis
};

/// Throws invalid_argument when a series has x and y of different lengths, or the size is too small.
[[nodiscard]] Image draw_line_chart(std::span<const Series> series, const ChartOptions& options);
[[nodiscard]] std::string draw_line_chart_svg(std::span<const Series> series, const ChartOptions& options);

}  // namespace vglaw
