#include "vglaw/train/curves.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>
#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/core/shallow_json.h"

namespace vglaw::train {
namespace {

using Json = nlohmann::json;

/// A key of metrics.jsonl as a line of a chart.
struct Curve {
    const char* key;
    const char* name;
    double scale = 1;
};

/// Lines that have a number under the key are points; nothing when there is none, or all of them are 0.
void add_series(const std::vector<Json>& lines, const Curve& curve, std::vector<Series>& out) {
    Series series;
    series.name = curve.name;
    for (const Json& line : lines) {
        const auto value = line.find(curve.key);
        if (value == line.end() || !value->is_number()) continue;
        series.x.push_back(line.at("step").get<double>());
        series.y.push_back(value->get<double>() * curve.scale);
    }
    if (std::ranges::any_of(series.y, [](double y) { return y != 0; })) out.push_back(std::move(series));
}

std::vector<Json> parse_lines(const std::string& metrics) {
    std::vector<Json> lines;
    std::istringstream in(metrics);
    for (std::string line; std::getline(in, line);) {
        Json json = try_shallow_json(line);
        if (!json.is_object()) continue;
        const auto step = json.find("step");
        if (step != json.end() && step->is_number()) lines.push_back(std::move(json));
    }
    return lines;
}

void replace_all(std::string& text, std::string_view from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

/// One document as an element inside another, `y` below its top; its ids (glyphs, clips) get a prefix of their own.
std::string nested(std::string svg, int y, const std::string& prefix) {
    const auto begin = svg.find("<svg");
    if (begin == std::string::npos) fail(ErrorCode::internal, "the chart's SVG has no svg element");
    svg.erase(0, begin);
    std::string tag = svg.substr(0, svg.find('>'));
    const auto tag_size = tag.size();
    replace_all(tag, "pt\"", "\"");  // inside the stack, a unit of the chart is a unit of the stack
    svg.replace(0, tag_size, tag);
    replace_all(svg, "id=\"", "id=\"" + prefix);
    replace_all(svg, "href=\"#", "href=\"#" + prefix);
    replace_all(svg, "url(#", "url(#" + prefix);
    return svg.insert(4, fmt::format(" y=\"{}\"", y));
}

}  // namespace

std::vector<CurveChart> training_curves(const std::string& metrics) {
    const auto lines = parse_lines(metrics);
    struct Panel {
        const char *title, *y_label;
        bool y_from_zero;
        std::vector<Curve> curves;
    };
    const Panel panels[] = {
        {"Training loss",
         "mean over the steps of a line",
         true,
         {{"loss", "total, weighted"},
          {"l1", "L1"},
          {"giou", "1 - GIoU"},
          {"focal", "focal"},
          {"dice", "dice"},
          {"pooling", "pooling"},
          {"labelling", "labelling"}}},
        {"Validation, canvas frame", "%", true, {{"val_prec@0.5", "Prec@0.5", 100}, {"val_miou", "mIoU", 100}}},
        {"Learning rate", "weight generator and heads", true, {{"learning_rate", "learning rate"}}},
    };
    std::vector<CurveChart> charts;
    for (const Panel& panel : panels) {
        CurveChart chart;
        for (const Curve& curve : panel.curves) add_series(lines, curve, chart.series);
        if (chart.series.empty()) continue;
        chart.options.title = panel.title;
        chart.options.x_label = "step";
        chart.options.y_label = panel.y_label;
        chart.options.y_from_zero = panel.y_from_zero;
        chart.options.height = 360;
        charts.push_back(std::move(chart));
    }
    return charts;
}

Image stack_charts(const std::vector<CurveChart>& charts) {
    if (charts.empty()) fail(ErrorCode::invalid_argument, "there is no chart to stack");
    Image stack;
    for (const CurveChart& chart : charts) {
        const Image image = draw_line_chart(chart.series, chart.options);
        stack.width = image.width;
        stack.height += image.height;
        stack.rgb.insert(stack.rgb.end(), image.rgb.begin(), image.rgb.end());
    }
    return stack;
}

std::string stack_charts_svg(const std::vector<CurveChart>& charts) {
    if (charts.empty()) fail(ErrorCode::invalid_argument, "there is no chart to stack");
    std::string body;
    int height = 0;
    for (std::size_t i = 0; i < charts.size(); ++i) {
        body += nested(draw_line_chart_svg(charts[i].series, charts[i].options), height, fmt::format("chart{}-", i));
        height += charts[i].options.height;
    }
    const int width = charts.front().options.width;
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" "
        "width=\"{0}pt\" height=\"{1}pt\" viewBox=\"0 0 {0} {1}\" version=\"1.1\">\n{2}</svg>\n",
        width, height, body);
}

}  // namespace vglaw::train
