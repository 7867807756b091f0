#include "vglaw/study/svg_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "vglaw/image/chart_axis.h"
#include "vglaw/study/html.h"

namespace vglaw {
namespace {

// In units of the view box; the page scales it to its column, about one to one on a phone.
constexpr double kWidth = 360, kHeight = 214, kRight = 350, kTop = 8, kBottom = 182, kLetter = 7.4;
constexpr std::size_t kMostPoints = 300;

Series thinned(const Series& series) {
    const std::size_t count = series.x.size();
    if (count <= kMostPoints) return series;
    Series out{series.name, {}, {}};
    for (std::size_t group = 0; group < kMostPoints; ++group) {
        const std::size_t begin = group * count / kMostPoints, end = (group + 1) * count / kMostPoints;
        double x = 0, y = 0;
        for (std::size_t i = begin; i < end; ++i) {
            x += series.x[i];
            y += series.y[i];
        }
        out.x.push_back(x / double(end - begin));
        out.y.push_back(y / double(end - begin));
    }
    return out;
}

struct Plot {
    ChartRange xs;
    ChartAxis y;
    double left;
    [[nodiscard]] double to_x(double value) const {
        return xs.high > xs.low ? left + (kRight - left) * (value - xs.low) / (xs.high - xs.low) : (left + kRight) / 2;
    }
    [[nodiscard]] double to_y(double value) const { return kBottom + (kTop - kBottom) * y.share(value); }
};

Plot frame_of(const std::vector<Series>& series, const std::string& unit) {
    ChartRange xs, ys;
    for (const Series& line : series) {
        for (std::size_t i = 0; i < line.x.size(); ++i) {
            if (!drawable(line.x[i]) || !drawable(line.y[i])) continue;
            xs.include(line.x[i]);
            ys.include(line.y[i]);
        }
    }
    if (ys.low > 0 && ys.low < 0.6 * ys.high) ys.include(0);
    Plot frame{xs, round_axis(ys.low, ys.high, 5), 0};
    std::size_t widest = 0;
    for (int i = 0; i < frame.y.ticks(); ++i) widest = std::max(widest, frame.y.label(i).size() + unit.size());
    frame.left = 8 + kLetter * double(widest);
    return frame;
}

std::string grid(const Plot& frame, const std::string& unit) {
    std::string out;
    for (int i = 0; i < frame.y.ticks(); ++i) {
        const double y = kBottom + (kTop - kBottom) * i / (frame.y.ticks() - 1);
        out += fmt::format("<path class=\"grid{}\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>", i == 0 ? " base" : "", frame.left, y,
                           kRight);
        out += fmt::format("<text class=\"tick y\" x=\"{:.1f}\" y=\"{:.1f}\">{}{}</text>", frame.left - 5, y + 4,
                           frame.y.label(i), unit);
    }
    if (frame.xs.low > frame.xs.high) return out;  // no points
    if (frame.xs.low == frame.xs.high) {
        return out + fmt::format("<text class=\"tick x\" x=\"{:.1f}\" y=\"{}\">step {:.6g}</text>",
                                 frame.to_x(frame.xs.low), kBottom + 17, frame.xs.low);
    }
    // Ticks at round steps inside the data, which fill the width.
    const ChartAxis x = round_axis(frame.xs.low, frame.xs.high, 5);
    for (int i = 0; i < x.ticks(); ++i) {
        const double value = x.low + i * x.step;
        if (value < frame.xs.low || value > frame.xs.high) continue;
        const double at = frame.to_x(value);
        out += fmt::format("<path class=\"grid base\" d=\"M{:.1f} {}v4\"/>", at, kBottom);
        // The outermost labels stay inside.
        const char* anchor = at > kRight - 16 ? " end" : at < frame.left + 8 ? " start" : "";
        out += fmt::format("<text class=\"tick x{}\" x=\"{:.1f}\" y=\"{}\">{}</text>", anchor, at, kBottom + 17,
                           x.label(i));
    }
    return out + fmt::format("<text class=\"tick x\" x=\"{:.1f}\" y=\"{}\">step</text>", (frame.left + kRight) / 2,
                             kHeight - 1);
}

std::string line_of(const Series& series, std::size_t style, const Plot& frame) {
    std::string path, dots;
    bool drawing = false;
    for (std::size_t i = 0; i < series.x.size(); ++i) {
        if (!drawable(series.x[i]) || !drawable(series.y[i])) {
            drawing = false;
            continue;
        }
        path += fmt::format("{}{:.1f} {:.1f}", drawing ? "L" : "M", frame.to_x(series.x[i]), frame.to_y(series.y[i]));
        drawing = true;
    }
    if (path.empty()) return "";
    std::string out =
        fmt::format("<path class=\"line s{}\" d=\"{}\" data-of=\"{}\"/>", style % kLineStyles, path, style);
    // Few points are measurements to see one by one, and a line of one point would be invisible.
    constexpr std::size_t few = 40;
    for (std::size_t i = 0; i < series.x.size() && series.x.size() <= few; ++i) {
        if (!drawable(series.y[i])) continue;
        out += fmt::format("<circle class=\"dot s{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.2\"/>", style % kLineStyles,
                           frame.to_x(series.x[i]), frame.to_y(series.y[i]));
    }
    return out;
}

/// What the picture shows, in words.
std::string description(const SvgChart& chart) {
    std::string out;
    for (const Series& series : chart.series) {
        if (series.y.empty()) continue;
        const auto [low, high] = std::ranges::minmax(series.y);
        out += fmt::format("{}: from {} at step {:.0f} to {} at step {:.0f}; lowest {}, highest {}. ", series.name,
                           chart_number(series.y.front(), chart.unit), series.x.front(),
                           chart_number(series.y.back(), chart.unit), series.x.back(), chart_number(low, chart.unit),
                           chart_number(high, chart.unit));
    }
    return out;
}

}  // namespace

std::string chart_number(double value, const std::string& unit) {
    if (unit == " %") return fmt::format("{:.2f} %", value);
    return fmt::format("{:.4g}{}", value, unit);
}

std::string svg_line_chart(const SvgChart& chart) {
    std::vector<Series> lines;
    for (const Series& series : chart.series) lines.push_back(thinned(series));
    const Plot frame = frame_of(lines, chart.unit);
    std::string body = grid(frame, chart.unit);
    for (std::size_t i = 0; i < lines.size(); ++i) body += line_of(lines[i], chart.styles.at(i), frame);
    // The page's script turns a place in the picture back into step and value by these.
    const std::string scale =
        frame.xs.low <= frame.xs.high
            ? fmt::format(" data-x=\"{:.1f} {} {} {}\" data-y=\"{} {} {} {}\" data-unit=\"{}\"", frame.left, kRight,
                          frame.xs.low, frame.xs.high, kBottom, kTop, frame.y.low, frame.y.high, chart.unit)
            : "";
    return fmt::format("<svg class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\"{}>{}</svg>", kWidth,
                       kHeight, escape_html(chart.title + ". " + description(chart)), scale, body);
}

std::string svg_line_sample(std::size_t style) {
    return fmt::format(
        "<svg class=\"sample\" viewBox=\"0 0 26 10\" aria-hidden=\"true\"><path class=\"line s{}\" d=\"M1 "
        "5H25\"/></svg>",
        style % kLineStyles);
}

}  // namespace vglaw
