#include <fmt/format.h>

#include <memory>

#include "apps/vglaw/command.h"
#include "apps/vglaw/dataset_options.h"
#include "apps/vglaw/model_option.h"
#include "apps/vglaw/progress_bar.h"
#include "vglaw/data/dataset_views.h"
#include "vglaw/evaluate/evaluator.h"
#include "vglaw/evaluate/forward_predictor.h"
#include "vglaw/evaluate/model_options.h"
#include "vglaw/evaluate/report.h"
#include "vglaw/evaluate/report_folder.h"

namespace vglaw::app {
namespace {

struct Options {
    ModelOptions model;
    DatasetOptions data;
    std::string report;
    std::size_t limit = 0, batch = 16;
    bool json = false;
};

EvaluateOptions evaluation_of(const ModelConfig& model, const Options& options, ProgressBar& bar) {
    EvaluateOptions evaluate = evaluate_options(model);
    evaluate.batch_size = options.batch;
    evaluate.progress = [&bar](std::size_t done, std::size_t total) {
        bar.update(std::int64_t(done), std::int64_t(total));
    };
    return evaluate;
}

int run(const Options& options) {
    const ModelBundle bundle = open_model(options.model);
    const auto whole = open_with_notes(options.data);
    std::shared_ptr<const Dataset> data = whole;
    if (options.limit > 0) data = std::make_shared<SubsetDataset>(SubsetDataset::evenly(whole, options.limit));

    const auto forward = open_backend(options.model, bundle);
    ForwardPredictor predictor(*forward,
                               backend_of(options.model, bundle.config) + " " + precision_of(options.model, bundle));
    const Tokenizer tokenizer(bundle.vocabulary);
    ProgressBar bar;
    const auto result = evaluate(*data, tokenizer, predictor, evaluation_of(bundle.config, options, bar));
    bar.finish();
    report_check(*forward);

    const ReportTitle title{bundle.path.string() + ", " + predictor.name(), whole->name(),
                            bundle.config.mask_head.threshold};
    if (!options.report.empty()) write_report(options.report, result, *data, title);
    fmt::print("{}\n", options.json ? report_json(result.metrics, title, -1) : report_table(result.metrics, title));
    return 0;
}

}  // namespace

std::function<int()> setup_eval(CLI::App& command) {
    auto options = std::make_shared<Options>();
    add_model_options(command, options->model);
    add_dataset_options(command, options->data);
    add_split_option(command, options->data, "val");
    command.add_option("--limit", options->limit, "so many expressions, evenly spread; 0: all")
        ->check(not_negative)
        ->capture_default_str();
    command.add_option("--batch", options->batch, "expressions a batch; figures agree but for rounding")
        ->check(CLI::Range(1, 4096))
        ->capture_default_str();
    add_skip_missing_option(command, options->data);
    command.add_flag("--json", options->json, "one JSON object instead of the table");
    command.add_option("--report", options->report,
                       "folder for report.md, report.json, per-expression lines, hits and misses");
    return [options] { return run(*options); };
}

}  // namespace vglaw::app
