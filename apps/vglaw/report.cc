#include <fmt/format.h>

#include <memory>

#include "apps/vglaw/command.h"
#include "vglaw/core/files.h"
#include "vglaw/study/run_page.h"
#include "vglaw/train/experiment.h"

namespace vglaw::app {
namespace {

struct Options {
    std::vector<std::string> runs;
    std::string out;
    RunPageOptions page;
};

int run(Options options) {
    const auto runs = read_runs({options.runs.begin(), options.runs.end()});
    std::vector<std::vector<EvaluationFolder>> evaluations;
    for (const RunLog& one : runs) evaluations.push_back(find_evaluations(one.folder));
    options.page.defaults = config_to_json(ExperimentConfig());
    if (runs.size() == 1) options.page.title += ": " + runs.front().name;
    write_text(options.out, run_page(runs, evaluations, options.page));
    fmt::print("{}\n", options.out);
    return 0;
}

}  // namespace

std::function<int()> setup_report(CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("runs", options->runs, "folders of training runs (train.out)")->required();
    command.add_option("--out", options->out, "HTML file to write; nothing in it is fetched from elsewhere")
        ->required();
    command
        .add_option("--examples", options->page.examples,
                    "hits, and as many misses, shown of each vglaw eval --report folder inside a run's folder")
        ->check(not_negative)
        ->capture_default_str();
    return [options] { return run(*options); };
}

}  // namespace vglaw::app
