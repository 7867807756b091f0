#include "vglaw/train/training_loader.h"

#include "vglaw/evaluate/model_options.h"

namespace vglaw::train {
namespace {

Augmentation augmentation(const AugmentConfig& config) {
    AugmentOptions options;
    options.random_offset = config.random_offset;
    options.flip = config.flip;
    options.crop = config.crop;
    options.crop_min_side = config.crop_min_side;
    options.scale = config.scale;
    options.scale_min = config.scale_min;
    return Augmentation(options);
}

LoaderOptions loader_options(const ExperimentConfig& config, const ProcessGroup& group) {
    LoaderOptions options;
    options.batch_size = std::size_t(config.train.batch / group.world());
    options.threads = config.train.loader_threads;
    // Scenes are independent draws, so their order may mean something else: how many objects they hold by now.
    options.shuffle = !(config.data.source == "scenes" && config.data.scenes.grow > 0);
    options.drop_last = true;
    options.seed = std::uint64_t(config.train.seed);
    options.rank = group.rank();
    options.world = group.world();
    return options;
}

}  // namespace

Loader training_loader(const Dataset& dataset, const Tokenizer& tokenizer, const ExperimentConfig& config,
                       const ProcessGroup& group) {
    if (config.train.batch % group.world() != 0) {
        fail(ErrorCode::invalid_argument, "train.batch {} cannot be shared by {} processes; make it a multiple",
             config.train.batch, group.world());
    }
    auto prepare = prepare_options(config.model);
    if (config.loss.labelling > 0) prepare.label_grid = config.model.vision.grid(config.model.image);
    return Loader(dataset, tokenizer, prepare, augmentation(config.augment), loader_options(config, group));
}

}  // namespace vglaw::train
