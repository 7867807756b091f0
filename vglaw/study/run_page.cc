#include "vglaw/study/run_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "vglaw/image/decode.h"
#include "vglaw/image/encode.h"
#include "vglaw/image/resize.h"
#include "vglaw/study/config_difference.h"
#include "vglaw/study/html.h"
#include "vglaw/study/page_style.h"
#include "vglaw/study/run_charts.h"
#include "vglaw/study/run_tables.h"
#include "vglaw/study/svg_chart.h"

namespace vglaw {
namespace {

std::string section(const char* id, const char* heading, const std::string& body) {
    if (body.empty()) return "";
    return fmt::format(
        "<section id=\"{0}\" aria-labelledby=\"{0}-heading\"><h2 id=\"{0}-heading\">{1}</h2>\n{2}</section>\n", id,
        heading, body);
}

std::string table_if_any(const std::string& caption, const TextTable& table) {
    return table.rows.empty() ? "" : html_table(caption, table);
}

std::string results(const std::vector<RunLog>& runs, const std::vector<std::vector<EvaluationFolder>>& evaluations) {
    std::string out =
        table_if_any("Validation during training, canvas frame, per cent", validation_table(runs)) +
        table_if_any("The best validation by the number of words of the expression, per cent", lengths_table(runs)) +
        table_if_any("Evaluations found in the runs' folders, per cent", evaluations_table(runs, evaluations)) +
        table_if_any("The training itself", effort_table(runs));
    return out +
           "<p class=\"soft\">Best is the validation after which best.safetensors was written: the highest mean of "
           "Prec@0.5 and mIoU, or the one of them that is trained.</p>\n";
}

/// A picture as part of the page: as JPEG and no wider than it is shown, or a page of a few dozen would weigh
/// megabytes.
std::string picture_of(const EvaluationPicture& picture, const char* kind) {
    constexpr int widest = 640, quality = 82;
    Image image = load_image(picture.file);
    if (image.width > widest) {
        image = resize_bilinear(image, widest, std::max(image.height * widest / image.width, 1));
    }
    const std::string expression = picture.expression.empty() ? picture.file.stem().string() : picture.expression;
    return fmt::format(
        "<figure><img alt=\"{}: {}; ground truth and prediction\" width=\"{}\" height=\"{}\" "
        "src=\"data:image/jpeg;base64,{}\"><figcaption>{}<br><span class=\"soft\">{}</span></figcaption></figure>\n",
        kind, escape_html(expression), image.width, image.height, base64(encode_jpeg(image, quality)),
        escape_html(expression), escape_html(picture.ious));
}

/// Evenly spread over the list: the first ones are often of one picture.
std::string gallery(const std::vector<EvaluationPicture>& pictures, const char* kind, std::size_t most) {
    const std::size_t count = std::min(pictures.size(), most);
    if (count == 0) return "";
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += picture_of(pictures[i * pictures.size() / count], kind);
    return out;
}

std::string examples(const std::vector<RunLog>& runs, const std::vector<std::vector<EvaluationFolder>>& evaluations,
                     std::size_t most) {
    std::string out;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        for (const EvaluationFolder& evaluation : evaluations[i]) {
            const Json data = evaluation.figures.value("data", Json());
            const std::string of = escape_html(runs[i].name + ", " + evaluation_name(runs[i], evaluation)) + ", " +
                                   escape_html(data.is_string() ? data.get<std::string>() : evaluation.folder.string());
            const std::string hits = gallery(evaluation.hits, "hit", most),
                              misses = gallery(evaluation.misses, "miss", most);
            if (!hits.empty()) out += fmt::format("<h3>Hits: {}</h3>\n<div class=\"pictures\">\n{}</div>\n", of, hits);
            if (!misses.empty())
                out += fmt::format("<h3>Misses: {}</h3>\n<div class=\"pictures\">\n{}</div>\n", of, misses);
        }
    }
    if (!out.empty()) {
        out =
            "<p class=\"soft\">A hit is a box IoU of at least 0.5 on the canvas; the figures below the pictures are of "
            "the "
            "original frame.</p>\n" +
            out;
    }
    return out;
}

std::string config_table(const std::string& caption, const std::vector<std::string>& names,
                         const std::vector<ConfigRow>& rows) {
    TextTable table{{"key"}, {}, names.size() + 1};
    table.header.insert(table.header.end(), names.begin(), names.end());
    for (const ConfigRow& row : rows) {
        table.rows.push_back({row.key});
        for (const std::string& value : row.values) table.rows.back().push_back(value.empty() ? "-" : value);
    }
    return "<div class=\"wrap\">" + html_table(caption, table) + "</div>";
}

std::string configurations(const std::vector<RunLog>& runs, const Json& defaults) {
    std::vector<Json> configs;
    std::vector<std::string> names;
    for (const RunLog& run : runs) {
        configs.push_back(run.config);
        names.push_back(run.name);
    }
    const auto all = compare_configs(configs);
    std::vector<ConfigRow> different;
    std::string out;
    if (runs.size() > 1) {
        std::ranges::copy_if(all, std::back_inserter(different),
                             [](const ConfigRow& row) { return row.differs() && row.key != "train.out"; });
        out = different.empty() ? "<p>The runs have the same configuration.</p>\n"
                                : config_table("Keys in which the runs differ", names, different);
    } else if (!defaults.empty()) {
        std::ranges::copy_if(compare_configs({runs.front().config, defaults}), std::back_inserter(different),
                             [](const ConfigRow& row) { return row.differs() && !row.values.front().empty(); });
        out = config_table("Keys that differ from the defaults, which are the published model's",
                           {names.front(), "default"}, different);
    }
    return out + fmt::format("<details><summary>All {} keys</summary>\n{}</details>\n", all.size(),
                             config_table("Every key as it was used", names, all));
}

std::string run_list(const std::vector<RunLog>& runs) {
    std::string out = "<ul class=\"runs\">";
    for (std::size_t i = 0; i < runs.size(); ++i) {
        out += fmt::format("<li>{}{}</li>", svg_line_sample(i), escape_html(runs[i].name));
    }
    return out + "</ul>\n";
}

}  // namespace

std::string run_page(const std::vector<RunLog>& runs, const std::vector<std::vector<EvaluationFolder>>& evaluations,
                     const RunPageOptions& options) {
    if (runs.empty() || evaluations.size() != runs.size()) {
        fail(ErrorCode::invalid_argument, "a report needs at least one run, and one list of evaluations for each");
    }
    const std::string curves = run_charts(runs);
    const std::string pictures = examples(runs, evaluations, options.examples);
    std::string body = section("results", "Results", results(runs, evaluations));
    body += section("curves", "Curves", curves.empty() ? "<p>Nothing has been logged yet.</p>\n" : curves);
    body += section("examples", "Examples", pictures);
    body += section("configuration", "Configuration", configurations(runs, options.defaults));
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{0}</title>\n<style>{1}</style></head>\n<body>\n"
        "<header><h1>{0}</h1>\n{2}<nav aria-label=\"Sections\"><a href=\"#results\">Results</a><a "
        "href=\"#curves\">Curves</a>{3}<a "
        "href=\"#configuration\">Configuration</a></nav></header>\n<main>\n{4}</main>\n"
        "<footer>Written by vglaw report. Nothing on this page is fetched from anywhere.</footer>\n"
        "<script>{5}</script></body></html>\n",
        escape_html(options.title), page_style, run_list(runs),
        pictures.empty() ? "" : "<a href=\"#examples\">Examples</a>", body, page_script);
}

}  // namespace vglaw
