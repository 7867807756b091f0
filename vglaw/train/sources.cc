#include "vglaw/train/sources.h"

#include "vglaw/core/files.h"
#ifndef VGLAW_MINIMAL
#include "vglaw/data/open_dataset.h"
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
Sources open_files(const DataConfig& config) {
    fail(ErrorCode::unsupported,
         "data.source = {} needs the picture decoders, which this minimal build does not have; use data.source = "
         "scenes",
         config.source);
}
#else
std::unique_ptr<Dataset> open_split(DatasetSpec spec, const std::string& split, std::vector<std::string>& notes) {
    spec.split = split;
    auto data = open_dataset(spec);
    if (std::string note = data->note(); !note.empty()) notes.push_back(std::move(note));
    return data;
}

Sources open_files(const DataConfig& config) {
    const ReferSourceConfig& files = config.source == "refer" ? config.refer : config.files;
    if (files.root.empty()) {
        fail(ErrorCode::invalid_argument, "data.source is {} but data.{}.root is empty; name the folder of {}",
             config.source, config.source == "refer" ? "refer" : "files",
             config.source == "refer" ? files.dataset + "/" : "its annotations");
    }
    DatasetSpec spec;
    spec.layout = config.source;
    spec.data_root = files.root;
    spec.image_root = files.image_root;
    spec.instances = files.instances;
    spec.dataset = files.dataset;
    spec.split_by = files.split_by;
    spec.skip_missing = files.skip_missing;
    Sources sources;
    sources.train = open_split(spec, files.train_split, sources.notes);
    sources.val = open_split(spec, files.val_split, sources.notes);
    return sources;
}
#endif

}  // namespace

Sources open_sources(const DataConfig& config) {
    if (config.source != "scenes") return open_files(config);
    const auto& scenes = config.scenes;
    if (scenes.train_seed == scenes.val_seed) {
        fail(ErrorCode::invalid_argument,
             "data.scenes.train_seed and val_seed are both {}; validation needs other scenes", scenes.train_seed);
    }
    const SceneOptions options = scene_options(scenes);
    SceneOptions growing = options;
    growing.grow = scenes.grow;
    growing.captions = scenes.captions;
    return {std::make_unique<SceneDataset>(growing, std::uint64_t(scenes.train_seed), std::size_t(scenes.train_size)),
            std::make_unique<SceneDataset>(options, std::uint64_t(scenes.val_seed), std::size_t(scenes.val_size)),
            {}};
}

std::vector<std::string> check_masks(const Sources& sources, const std::string& tasks) {
    std::vector<std::string> notes;
    for (const Dataset* data : {sources.train.get(), sources.val.get()}) {
        if (data->has_masks() || tasks == "box") continue;
        if (tasks == "mask") {
            fail(ErrorCode::invalid_argument, "train.tasks is mask, but {} has no masks; set train.tasks = box",
                 data->name());
        }
        notes.push_back(fmt::format("{} has no masks: its mask figures and losses are left out", data->name()));
    }
    return notes;
}

LabelClasses labelling_classes(const Dataset& train, const LossConfig& loss, int depth) {
    const auto classes = train.label_classes();
    if (!classes) {
        fail(ErrorCode::invalid_argument, "loss.labelling is above 0, but {} does not name its objects; set it to 0",
             train.name());
    }
    if (loss.labelling_block >= depth) {
        fail(ErrorCode::invalid_argument, "loss.labelling_block {} is not one of the visual encoder's {} blocks",
             loss.labelling_block, depth);
    }
    return *classes;
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
