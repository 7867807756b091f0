#include "vglaw/study/run_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "vglaw/study/html.h"
#include "vglaw/study/svg_chart.h"

namespace vglaw {
namespace {

/// A key of metrics.jsonl as people call it.
struct Figure {
    std::string key, name, unit;
    double scale = 1;
};

struct Group {
    const char* heading;
    std::vector<Figure> figures;
    bool zero_is_absent = false;  ///< a loss of 0 throughout was not trained; a precision of 0 was measured
};

std::vector<Group> known_groups() {
    return {
        {"Validation",
         {{"val_prec@0.5", "REC Prec@0.5", " %", 100},
          {"val_miou", "RES mIoU", " %", 100},
          {"val_oiou", "RES oIoU", " %", 100},
          {"val_box_iou", "REC mean IoU", " %", 100}}},
        {"Training losses",
         {{"loss", "total, weighted", ""},
          {"l1", "L1 of the box", ""},
          {"giou", "1 - GIoU of the box", ""},
          {"focal", "focal, mask", ""},
          {"dice", "dice, mask", ""},
          {"pooling", "pooling attention", ""},
          {"labelling", "labelling", ""}},
         true},
        {"Optimisation",
         {{"learning_rate", "learning rate, weight generator and heads", ""},
          {"gradient_norm", "gradient norm before clipping", ""}}},
        {"Speed",
         {{"samples_per_second", "samples a second", ""},
          {"data_wait", "share of the time spent waiting for samples", " %", 100},
          {"val_seconds", "a validation, seconds", ""}}},
    };
}

/// The epoch is the step again; figures by expression length have a table.
bool is_charted(const std::string& key) { return key != "epoch" && !key.ends_with("_words"); }

/// Figures that this list does not know yet are shown under their own names.
Group other_figures(const std::vector<RunLog>& runs, const std::vector<Group>& groups) {
    std::set<std::string> known;
    for (const Group& group : groups) {
        for (const Figure& figure : group.figures) known.insert(figure.key);
    }
    Group others{"Other figures", {}};
    for (const RunLog& run : runs) {
        for (const Curve& curve : run.curves) {
            if (is_charted(curve.key) && known.insert(curve.key).second) {
                others.figures.push_back({curve.key, curve.key, ""});
            }
        }
    }
    return others;
}

std::string chart_of(const std::vector<RunLog>& runs, const Figure& figure, bool zero_is_absent) {
    SvgChart chart{figure.name, figure.unit, {}, {}};
    std::string key;
    bool any = false;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const Curve* curve = runs[i].find(figure.key);
        if (curve == nullptr) continue;
        Series series{runs[i].name, curve->steps, curve->values};
        for (double& value : series.y) value *= figure.scale;
        any = any || !zero_is_absent || std::ranges::any_of(series.y, [](double y) { return y != 0; });
        key +=
            fmt::format("<li>{}<span class=\"name\">{}</span><output data-of=\"{}\">{}</output></li>",
                        svg_line_sample(i), escape_html(runs[i].name), i, chart_number(series.y.back(), figure.unit));
        chart.series.push_back(std::move(series));
        chart.styles.push_back(i);
    }
    if (!any) return "";
    return fmt::format("<figure><h4>{}</h4>{}<figcaption><ul class=\"key\">{}</ul></figcaption></figure>\n",
                       escape_html(figure.name), svg_line_chart(chart), key);
}

}  // namespace

std::string run_charts(const std::vector<RunLog>& runs) {
    auto groups = known_groups();
    groups.push_back(other_figures(runs, groups));
    std::string out;
    for (const Group& group : groups) {
        std::string charts;
        for (const Figure& figure : group.figures) charts += chart_of(runs, figure, group.zero_is_absent);
        if (!charts.empty())
            out += fmt::format("<h3>{}</h3>\n<div class=\"grid2\">\n{}</div>\n", group.heading, charts);
    }
    return out;
}

}  // namespace vglaw
