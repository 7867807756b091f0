// A small line chart as inline SVG, one line a run.
//
// Not image/chart.h's cairo: that draws letters as outlines in fixed colours, which a reader's dark mode, a screen
// reader and a search cannot do anything with. Here colours are the page's CSS variables and text is text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vglaw/image/chart.h"

namespace vglaw {

struct SvgChart {
    std::string title;                ///< said by screen readers; the page shows its own heading
    std::string unit;                 ///< behind the numbers of the y axis: " %", or nothing
    std::vector<Series> series;       ///< over steps; not empty in name, may be empty in points
    std::vector<std::size_t> styles;  ///< one a series: colour and dash of its run
};

inline constexpr std::size_t kLineStyles = 8;  ///< then they start again

/// Values as people read them: at most five figures, with the unit.
[[nodiscard]] std::string chart_number(double value, const std::string& unit);

/// Points that are not finite break the line. Long series are drawn as means over groups of neighbours: a screen has no
/// more columns.
[[nodiscard]] std::string svg_line_chart(const SvgChart& chart);

/// A piece of the line a run is drawn with, for legends.
[[nodiscard]] std::string svg_line_sample(std::size_t style);

}  // namespace vglaw
