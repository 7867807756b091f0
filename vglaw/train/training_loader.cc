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

LoaderOptions loader_options(const TrainConfig& config) {
    LoaderOptions options;
    options.batch_size = std::size_t(config.batch);
    options.threads = config.loader_threads;
    options.shuffle = true;
    options.drop_last = true;
    options.seed = std::uint64_t(config.seed);
    return options;
}

}  // namespace

Loader training_loader(const Dataset& dataset, const Tokenizer& tokenizer, const ExperimentConfig& config) {
    return Loader(dataset, tokenizer, prepare_options(config.model), augmentation(config.augment),
                  loader_options(config.train));
}

}  // namespace vglaw::train
