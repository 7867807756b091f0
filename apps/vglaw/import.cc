#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "apps/vglaw/command.h"
#include "apps/vglaw/import_report.h"
#include "vglaw/core/config_file.h"
#include "vglaw/model/import_bert.h"
#include "vglaw/model/import_vglaw.h"
#include "vglaw/model/import_vit.h"
#include "vglaw/model/start_model.h"
#include "vglaw/train/sources.h"

namespace vglaw::app {
namespace {

struct Options {
    std::vector<std::string> sources, overrides;
    std::string bert, vision, model, config, vocabulary, out, rel_pos = "crop";
    std::uint64_t seed = 1;
    bool json = false;
};

struct Source {
    std::string kind, path;
};

/// `bert DIR` on the command line is `--bert DIR`, and so on.
std::vector<Source> sources_of(const Options& options) {
    std::vector<Source> sources;
    for (std::size_t i = 0; i + 1 < options.sources.size(); i += 2) {
        sources.push_back({options.sources[i], options.sources[i + 1]});
    }
    for (const auto& [kind, path] :
         {std::pair{"bert", options.bert}, {"vision", options.vision}, {"vglaw", options.model}}) {
        if (!path.empty()) sources.push_back({kind, path});
    }
    return sources;
}

ExperimentConfig read_config(const Options& options, const std::vector<Source>& sources) {
    if (!options.config.empty()) {
        Json tree = read_toml(options.config);
        for (const auto& assignment : options.overrides) apply_override(tree, assignment);
        return config_from_json<ExperimentConfig>(tree, options.config);
    }
    for (const Source& source : sources) {
        if (source.kind != "vglaw") continue;
        Json tree = config_to_json(read_bundle(source.path).config);
        for (const auto& assignment : options.overrides) apply_override(tree, assignment);
        return config_from_json<ExperimentConfig>(tree, source.path);
    }
    fail(ErrorCode::invalid_argument, "name the network to fill: --config configs/base.toml is the published one");
}

Vocabulary choose_vocabulary(const Options& options, const ExperimentConfig& config,
                             const std::vector<ImportedPart>& parts) {
    const int size = config.model.text.vocab_size;
    if (!options.vocabulary.empty()) return train::make_vocabulary(options.vocabulary, size);
    // A vglaw model's word pieces are not those of BERT's embeddings.
    const bool bert = std::ranges::any_of(parts, [](const ImportedPart& part) { return part.kind == "BERT"; });
    for (const bool yields : {false, true}) {
        if (yields && bert) break;
        for (const ImportedPart& part : parts) {
            if (part.yields == yields && part.vocabulary) return *part.vocabulary;
        }
    }
    if (bert && config.data.vocabulary.empty()) {
        fail(ErrorCode::not_found,
             "BERT's weights are for BERT's word pieces: put its vocab.txt beside them or name it with --vocab");
    }
    return train::make_vocabulary(config.data.vocabulary, size);
}

int run(const Options& options) {
    const std::vector<Source> sources = sources_of(options);
    const ExperimentConfig config = read_config(options, sources);
    config.model.validate(options.config.empty() ? "model config" : options.config);
    const auto rel_pos = options.rel_pos == "crop" ? RelativePositions::crop : RelativePositions::interpolate;
    std::vector<ImportedPart> parts;
    for (const auto& [kind, path] : sources) {
        parts.push_back(kind == "bert"    ? import_bert(path, config.model)
                        : kind == "vglaw" ? import_vglaw(path, config.model, rel_pos)
                                          : import_vision(kind, path, config.model, rel_pos));
    }
    const Vocabulary vocabulary = choose_vocabulary(options, config, parts);
    const StartModel start = assemble_start(config.model, config.init, options.seed, parts);
    write_start(options.out, start, vocabulary);
    fmt::print("{}", options.json ? import_json(options.out, start, parts) : import_table(options.out, start, parts));
    return 0;
}

/// Wrong usage, found before anything is read.
void check_sources(const Options& options) {
    constexpr std::string_view kinds[] = {"bert", "vitdet", "mae", "timm", "sam", "vision", "vglaw"};
    for (std::size_t i = 0; i < options.sources.size(); i += 2) {
        if (std::find(std::begin(kinds), std::end(kinds), options.sources[i]) == std::end(kinds)) {
            throw CLI::ValidationError("sources", fmt::format("'{}' is no kind of weights; known are {}",
                                                              options.sources[i], fmt::join(kinds, ", ")));
        }
    }
    if (options.sources.size() % 2 != 0) {
        throw CLI::ValidationError("sources", fmt::format("no file follows '{}'", options.sources.back()));
    }
    if (sources_of(options).empty())
        throw CLI::ValidationError("sources", "nothing to import; name --bert or --vision");
}

}  // namespace

std::function<int()> setup_import(CLI::App& command) {
    auto options = std::make_shared<Options>();
    command
        .add_option("sources", options->sources,
                    "KIND FILE, as often as needed: bert, vitdet, mae, timm, sam, vision (told by its names), vglaw")
        ->take_all();
    command.add_option("--bert", options->bert, "folder of a Hugging Face BERT with its vocab.txt, or its weights");
    command.add_option("--vision", options->vision, "ViTDet's .pkl, MAE's or timm's weights, or SAM's");
    command.add_option("--model", options->model, "a vglaw model, for what the others do not give");
    command.add_option("--config", options->config, "the network to fill, TOML (configs/); a vglaw model has its own");
    command.add_option("--set", options->overrides, "override a key: vision.position_grid=28")->take_all();
    command.add_option("--vocab", options->vocabulary, "vocab.txt, if not beside BERT's weights");
    command.add_option("--rel-pos", options->rel_pos, "relative positions of another length: crop or interpolate")
        ->check(CLI::IsMember({"crop", "interpolate"}))
        ->capture_default_str();
    command.add_option("--seed", options->seed, "of the random weights that fill the gaps")
        ->check(not_negative)
        ->capture_default_str();
    command.add_option("--out", options->out, "model file to write, for train.start")->required();
    command.add_flag("--json", options->json, "one JSON object that names every tensor");
    command.parse_complete_callback([options] { check_sources(*options); });
    return [options] { return run(*options); };
}

}  // namespace vglaw::app
