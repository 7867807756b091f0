#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "apps/vglaw/data.h"
#include "apps/vglaw/dataset_options.h"
#include "apps/vglaw/progress_bar.h"
#include "vglaw/core/error.h"
#include "vglaw/data/dataset_check.h"
#include "vglaw/evaluate/text_table.h"

namespace vglaw::app {
namespace {

struct Options {
    DatasetOptions data;
    bool read_pictures = false, any_counts = false, json = false;
};

nlohmann::json to_json(const SplitCounts& counts) {
    return {{"references", counts.references}, {"expressions", counts.expressions}, {"pictures", counts.pictures}};
}

nlohmann::json to_json(const CheckReport& report) {
    nlohmann::json splits = nlohmann::json::array(), findings = nlohmann::json::array();
    for (const CheckedSplit& split : report.splits) {
        splits.push_back({{"split", split.split},
                          {"found", to_json(split.found)},
                          {"published", split.published ? to_json(*split.published) : nlohmann::json()}});
    }
    for (const Finding& finding : report.findings) {
        findings.push_back({{"what", finding.what},
                            {"wrong", finding.wrong},
                            {"count", finding.count},
                            {"examples", finding.examples}});
    }
    return {{"name", report.name},
            {"has_masks", report.has_masks},
            {"splits", splits},
            {"findings", findings},
            {"wrong", report.wrong()}};
}

// "3811" beside a published 3811, "3810 (published 3811)" beside another, "3810 (-)" where nobody published one.
std::string counted(std::size_t found, const std::optional<SplitCounts>& published, std::size_t SplitCounts::*which) {
    const std::size_t should = published ? (*published).*which : 0;
    if (should == 0) return fmt::format("{} (-)", found);
    if (should == found) return fmt::format("{}", found);
    return fmt::format("{} (published {})", found, should);
}

void print(const CheckReport& report) {
    TextTable counts{{"split", "references", "expressions", "pictures"}, {}};
    for (const CheckedSplit& split : report.splits) {
        counts.rows.push_back({split.split, counted(split.found.references, split.published, &SplitCounts::references),
                               counted(split.found.expressions, split.published, &SplitCounts::expressions),
                               counted(split.found.pictures, split.published, &SplitCounts::pictures)});
    }
    fmt::print("{}, {}\n\n{}\n", report.name, report.has_masks ? "boxes and masks" : "boxes only", to_text(counts));
    for (const Finding& finding : report.findings) {
        fmt::print("{}: {} x {}\n", finding.wrong ? "WRONG" : "note", finding.count, finding.what);
        for (const std::string& example : finding.examples) fmt::print("    {}\n", example);
    }
    if (!report.wrong()) fmt::print("nothing is wrong\n");
}

int run(const Options& options) {
    const DatasetSpec spec = options.data.spec();
    const AnnotationTable table = read_annotations(spec);
    ProgressBar bar;
    CheckOptions check;
    check.expect_published = !options.any_counts;
    check.read_pictures = options.read_pictures;
    check.progress = [&bar](std::size_t done, std::size_t total) {
        bar.update(std::int64_t(done), std::int64_t(total));
    };
    const CheckReport report = check_dataset(table, spec, check);
    bar.finish();
    if (options.json) {
        fmt::print("{}\n", to_json(report).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    } else {
        print(report);
    }
    if (report.wrong()) {
        fail(ErrorCode::corrupt_data, "{}: something is wrong with this data set; stdout names and counts it",
             report.name);
    }
    return 0;
}

}  // namespace

std::function<int()> setup_data_check(CLI::App& command) {
    auto options = std::make_shared<Options>();
    add_dataset_options(command, options->data);
    command.add_flag("--read-pictures", options->read_pictures,
                     "decode every picture too: damaged ones, and those of another size");
    command.add_flag("--any-counts", options->any_counts,
                     "a set of one's own: do not compare the counts with the published ones");
    command.add_flag("--json", options->json, "one JSON object instead of the table");
    return [options] { return run(*options); };
}

}  // namespace vglaw::app
