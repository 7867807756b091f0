#include "vglaw/image/chart.h"

#include <algorithm>
#include <array>
#include <numbers>

#include "vglaw/core/error.h"
#include "vglaw/image/canvas.h"
#include "vglaw/image/chart_axis.h"

namespace vglaw {
namespace {

constexpr double kTextSize = 14, kTitleSize = 17, kGap = 10;

void draw(Canvas& canvas, std::span<const Series> series, const ChartOptions& options) {
    ChartRange xs, ys;
    for (const Series& line : series) {
        if (line.x.size() != line.y.size()) {
            fail(ErrorCode::invalid_argument, "chart: series '{}' has {} x values and {} y values", line.name,
                 line.x.size(), line.y.size());
        }
        for (std::size_t i = 0; i < line.x.size(); ++i) {
            if (!drawable(line.x[i]) || !drawable(line.y[i])) continue;
            xs.include(line.x[i]);
            ys.include(line.y[i]);
        }
    }
    if (options.y_from_zero && ys.low <= ys.high) ys.include(0);
    const ChartAxis x_axis = round_axis(xs.low, xs.high, std::max(options.width / 110, 2));
    const ChartAxis y_axis = round_axis(ys.low, ys.high, std::max(options.height / 70, 2));

    double widest = 0;
    for (int i = 0; i < y_axis.ticks(); ++i) widest = std::max(widest, canvas.text_width(y_axis.label(i), kTextSize));
    const double left = kGap + (options.y_label.empty() ? 0 : kTextSize + kGap) + widest + kGap;
    const double right = options.width - 2.5 * kGap;
    const double bottom = options.height - kGap - (options.x_label.empty() ? 0 : kTextSize + kGap) - kTextSize - kGap;

    // Title, then the legend in as many rows as it needs, then the plot.
    double top = kGap;
    if (!options.title.empty()) {
        canvas.text(left, top + kTitleSize, canvas.fit(options.title, kTitleSize, right - left), kTitleSize, kInk);
        top += kTitleSize + kGap;
    }
    double x = left;
    for (std::size_t i = 0; i < series.size(); ++i) {
        const std::string name = canvas.fit(series[i].name, kTextSize, (right - left) * 0.6);
        const double entry = 30 + canvas.text_width(name, kTextSize) + 2 * kGap;
        if (x > left && x + entry > right) {
            x = left;
            top += kTextSize * 1.5;
        }
        canvas.fill(x, top + kTextSize * 0.45, 22, 4, distinct_color(i));
        canvas.text(x + 30, top + kTextSize, name, kTextSize, kInk);
        x += entry;
    }
    top += (series.empty() ? 0 : kTextSize) + 1.5 * kGap;
    if (bottom - top < 20)
        fail(ErrorCode::invalid_argument, "chart: {} series leave no room for the plot; make it taller", series.size());

    for (int i = 0; i < y_axis.ticks(); ++i) {
        const double y = bottom + (top - bottom) * i / (y_axis.ticks() - 1);
        canvas.line(left, y, right, y, i == 0 ? kFaint : kRule, 1);
        const std::string label = y_axis.label(i);
        canvas.text(left - kGap - canvas.text_width(label, kTextSize), y + kTextSize * 0.36, label, kTextSize, kFaint);
    }
    for (int i = 0; i < x_axis.ticks(); ++i) {
        const double at = left + (right - left) * i / (x_axis.ticks() - 1);
        canvas.line(at, bottom, at, bottom + 5, kFaint, 1);
        const std::string label = x_axis.label(i);
        canvas.text(at - canvas.text_width(label, kTextSize) / 2, bottom + kGap + kTextSize, label, kTextSize, kFaint);
    }
    const std::string x_label = canvas.fit(options.x_label, kTextSize, right - left);
    canvas.text((left + right - canvas.text_width(x_label, kTextSize)) / 2, options.height - kGap, x_label, kTextSize,
                kInk);
    const std::string y_label = canvas.fit(options.y_label, kTextSize, bottom - top);
    canvas.text(kGap + kTextSize, (top + bottom + canvas.text_width(y_label, kTextSize)) / 2, y_label, kTextSize, kInk,
                -std::numbers::pi / 2);

    for (std::size_t s = 0; s < series.size(); ++s) {
        std::vector<std::array<double, 2>> run;
        const auto flush = [&] {
            if (run.size() == 1)
                canvas.disc(run[0][0], run[0][1], 3, distinct_color(s));  // a line of one point is invisible
            if (run.size() > 1) canvas.polyline(run, distinct_color(s), 2);
            run.clear();
        };
        for (std::size_t i = 0; i < series[s].x.size(); ++i) {
            if (!drawable(series[s].x[i]) || !drawable(series[s].y[i])) {
                flush();
                continue;
            }
            run.push_back({left + (right - left) * x_axis.share(series[s].x[i]),
                           bottom + (top - bottom) * y_axis.share(series[s].y[i])});
        }
        flush();
    }
}

void check(const ChartOptions& options) {
    if (options.width < 200 || options.height < 150) {
        fail(ErrorCode::invalid_argument, "chart: {} x {} is too small; at least 200 x 150", options.width,
             options.height);
    }
}

}  // namespace

Image draw_line_chart(std::span<const Series> series, const ChartOptions& options) {
    check(options);
    Canvas canvas = Canvas::pixels(options.width, options.height);
    draw(canvas, series, options);
    return canvas.to_image();
}

std::string draw_line_chart_svg(std::span<const Series> series, const ChartOptions& options) {
    check(options);
    Canvas canvas = Canvas::svg(options.width, options.height);
    draw(canvas, series, options);
    return canvas.to_svg();
}

}  // namespace vglaw
