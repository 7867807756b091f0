#include "vglaw/train/sources.h"

#include "vglaw/core/files.h"
#ifndef VGLAW_MINIMAL
#include "vglaw/data/refer.h"
#endif
#include "vglaw/scenes/scene_dataset.h"
#include "vglaw/scenes/scene_vocabulary.h"

namespace vglaw::train {
namespace {

SceneOptions scene_options(const ScenesSourceConfig& config) {
    SceneOptions options;
    options.style = config.style;
    options.min_objects = config.min_objects;
    options.max_objects = config.max_objects;
    options.min_side = config.min_side;
    options.max_side = config.max_side;
    return options;
}

#ifdef VGLAW_MINIMAL
std::unique_ptr<Dataset> open_refer(const ReferSourceConfig&, const std::string&, std::vector<std::string>&) {
    fail(ErrorCode::unsupported,
         "data.source = refer needs the picture decoders, which this minimal build does not have; use data.source = "
         "scenes");
}
#else
std::unique_ptr<Dataset> open_refer(const ReferSourceConfig& config, const std::string& split,
                                    std::vector<std::string>& notes) {
    if (config.root.empty()) {
        fail(ErrorCode::invalid_argument,
             "data.source is refer but data.refer.root is empty; name the folder that holds {}/", config.dataset);
    }
    ReferOptions options;
    options.data_root = config.root;
    options.image_root = config.image_root;
    options.dataset = config.dataset;
    options.split_by = config.split_by;
    options.split = split;
    options.skip_missing = config.skip_missing;
    auto data = std::make_unique<ReferDataset>(options);
    if (data->skipped() > 0) {
        notes.push_back(fmt::format("{}: left out {} expressions, the first: {}", data->name(), data->skipped(),
                                    data->skipped_reason()));
    }
    return data;
}
#endif

}  // namespace

Sources open_sources(const DataConfig& config) {
    if (config.source == "refer") {
        Sources sources;
        sources.train = open_refer(config.refer, config.refer.train_split, sources.notes);
        sources.val = open_refer(config.refer, config.refer.val_split, sources.notes);
        return sources;
    }
    const auto& scenes = config.scenes;
    if (scenes.train_seed == scenes.val_seed) {
        fail(ErrorCode::invalid_argument,
             "data.scenes.train_seed and val_seed are both {}; validation needs other scenes", scenes.train_seed);
    }
    const SceneOptions options = scene_options(scenes);
    SceneOptions growing = options;
    growing.grow = scenes.grow;
    return {std::make_unique<SceneDataset>(growing, std::uint64_t(scenes.train_seed), std::size_t(scenes.train_size)),
            std::make_unique<SceneDataset>(options, std::uint64_t(scenes.val_seed), std::size_t(scenes.val_size)),
            {}};
}

Vocabulary make_vocabulary(const std::string& path, int size) {
    if (path.empty()) return scene_vocabulary(std::size_t(size));
    auto vocabulary = Vocabulary::parse(read_text(path, 64 << 20));
    if (vocabulary.size() != std::size_t(size)) {
        fail(ErrorCode::invalid_argument, "{} has {} pieces, but text.vocab_size is {}; set text.vocab_size = {}", path,
             vocabulary.size(), size, vocabulary.size());
    }
    return vocabulary;
}

}  // namespace vglaw::train
