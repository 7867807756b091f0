#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "apps/vglaw/data.h"
#include "apps/vglaw/dataset_options.h"
#include "vglaw/core/error.h"
#include "vglaw/core/files.h"
#include "vglaw/data/leak.h"

namespace vglaw::app {
namespace {

struct Options {
    std::string layout = "refer", data, pre_training, out, names = "train2014";
    std::vector<std::string> sets;
    bool json = false;
};

struct SetName {
    std::string dataset, split_by;
    [[nodiscard]] std::string text() const { return dataset + ":" + split_by; }
};

// The three that papers report on, as far as they are there.
std::vector<SetName> sets_there(const Options& options) {
    std::vector<SetName> found;
    for (const SetName& set : {SetName{"refcoco", "unc"}, {"refcoco+", "unc"}, {"refcocog", "umd"}}) {
        if (std::filesystem::exists(std::filesystem::path(options.data) / set.dataset)) found.push_back(set);
    }
    if (found.empty()) {
        fail(ErrorCode::not_found, "{} has neither refcoco nor refcoco+ nor refcocog; name the sets with --set",
             options.data);
    }
    return found;
}

std::vector<SetName> chosen_sets(const Options& options) {
    if (options.sets.empty()) return sets_there(options);
    std::vector<SetName> sets;
    for (const std::string& text : options.sets) {
        const std::size_t colon = text.find(':');
        if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
            fail(ErrorCode::invalid_argument, "--set {} is not of the form DATASET:SPLIT_BY, as in refcoco:unc", text);
        }
        sets.push_back({text.substr(0, colon), text.substr(colon + 1)});
    }
    return sets;
}

std::string name_of_picture(std::int64_t number, const std::string& names) {
    if (names == "train2014") return fmt::format("COCO_train2014_{:012}.jpg", number);
    if (names == "train2017") return fmt::format("{:012}.jpg", number);
    return fmt::format("{}", number);
}

int run(const Options& options) {
    CocoPictures held_out;
    nlohmann::json sets = nlohmann::json::array();
    std::string summary;
    for (const SetName& set : chosen_sets(options)) {
        DatasetSpec spec;
        spec.layout = options.layout;
        spec.data_root = options.data;
        spec.dataset = set.dataset;
        spec.split_by = set.split_by;
        spec.split = "";
        const CocoPictures pictures = held_out_pictures(read_annotations(spec));
        held_out.insert(pictures.begin(), pictures.end());
        sets.push_back({{"set", set.text()}, {"held_out", pictures.size()}});
        summary += fmt::format("{}: {} pictures of val and test\n", set.text(), pictures.size());
    }
    summary += fmt::format("together: {} pictures that a pre-training must leave out\n", held_out.size());

    std::optional<Leak> leak;
    if (!options.pre_training.empty()) leak = find_leak(held_out, options.pre_training);
    std::vector<std::string> names;
    for (const std::int64_t number : leak ? leak->leaking : held_out) {
        names.push_back(name_of_picture(number, options.names));
    }
    std::string list;
    for (const std::string& name : names) list += name + "\n";
    if (!options.out.empty()) write_text(options.out, list);
    if (leak) {
        summary +=
            fmt::format("{}: {} of its {} pictures leak\n", options.pre_training, leak->leaking.size(), leak->pictures);
    }
    if (options.json) {
        nlohmann::json json = {{"sets", sets}, {"held_out", held_out.size()}};
        if (leak)
            json["instances"] = {
                {"file", options.pre_training}, {"pictures", leak->pictures}, {"leaking", leak->leaking.size()}};
        if (options.out.empty()) json["list"] = names;
        fmt::print("{}\n", json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
        return 0;
    }
    // The list is the result; what it is about goes beside it.
    fmt::print(options.out.empty() ? stderr : stdout, "{}", summary);
    if (options.out.empty()) fmt::print("{}", list);
    return 0;
}

}  // namespace

std::function<int()> setup_data_leak(CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("--data", options->data, "folder of the data sets' annotations")->required();
    command.add_option("--layout", options->layout, "of the annotation files")
        ->check(CLI::IsMember(std::vector<std::string>(kDataLayouts.begin(), kDataLayouts.end())))
        ->capture_default_str();
    command.add_option(
        "--set", options->sets,
        "DATASET:SPLIT_BY, may be repeated; without it refcoco:unc, refcoco+:unc and refcocog:umd, as far "
        "as they are there");
    command.add_option("--instances", options->pre_training,
                       "a COCO annotation file meant for pre-training: list only those of its pictures that leak");
    command.add_option("--names", options->names, "how the list names pictures")
        ->check(CLI::IsMember({"train2014", "train2017", "ids"}))
        ->capture_default_str();
    command.add_option("--out", options->out, "file for the list, a line a picture; without it, stdout");
    command.add_flag("--json", options->json, "one JSON object on stdout, the list in it unless --out takes it");
    return [options] { return run(*options); };
}

}  // namespace vglaw::app
