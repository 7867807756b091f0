#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "apps/vglaw/command.h"
#include "apps/vglaw/progress_bar.h"
#include "vglaw/core/error.h"
#include "vglaw/scenes/refer/refer_writer.h"

namespace vglaw::app {
namespace {

struct Options {
    std::string folder;
    ReferSetOptions set;
};

int run(Options options) {
    const auto written = std::filesystem::path(options.folder) / options.set.dataset / "instances.json";
    if (std::filesystem::exists(written)) {
        fail(ErrorCode::invalid_argument, "{} is there already; name another folder or remove {} first",
             written.string(), written.parent_path().string());
    }
    ProgressBar bar;
    options.set.progress = [&bar, total = options.set.images](int done) { bar.update(done, total); };
    const auto summary = write_refer_layout(options.folder, options.set);
    bar.finish();
    fmt::print("{}: {} images, {} annotations, {} refs, {} sentences, split by {}\n", options.folder, summary.images,
               summary.annotations, summary.refs, summary.sentences, summary.split_by);
    return 0;
}

}  // namespace

std::function<int()> setup_scenes(CLI::App& command) {
    auto options = std::make_shared<Options>();
    ReferSetOptions& set = options->set;
    command.add_option("folder", options->folder, "where to write; made when missing")->required();
    command.add_option("--dataset", set.dataset, "whose style and layout: refcoco, refcoco+, refcocog or refclef")
        ->check(CLI::IsMember({"refcoco", "refcoco+", "refcocog", "refclef"}))
        ->capture_default_str();
    command.add_option("--images", set.images, "pictures")->check(CLI::Range(1, 999999))->capture_default_str();
    command.add_option("--seed", set.seed, "same seed, same bytes, on any machine")
        ->check(not_negative)
        ->capture_default_str();
    command.add_option("--min-objects", set.min_objects, "fewest objects in a picture")
        ->check(CLI::Range(1, 12))
        ->capture_default_str();
    command.add_option("--max-objects", set.max_objects, "most objects in a picture")
        ->check(CLI::Range(1, 12))
        ->capture_default_str();
    command.add_option("--min-side", set.min_side, "shortest long side, px")->capture_default_str();
    command.add_option("--max-side", set.max_side, "longest long side, px")->capture_default_str();
    command.add_option("--threads", set.threads, "0: every core")->check(CLI::Range(0, 256))->capture_default_str();
    return [options] { return run(*options); };
}

}  // namespace vglaw::app
