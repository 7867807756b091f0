// An experiment that trains in milliseconds, and a folder for it that goes away.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/unit/net/test_device.h"
#include "vglaw/core/files.h"
#include "vglaw/train/sources.h"
#include "vglaw/train/trainer.h"

namespace vglaw::train {

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "vglaw-train-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() { std::filesystem::remove_all(path); }
    [[nodiscard]] std::string operator/(const std::string& name) const { return (path / name).string(); }
    std::filesystem::path path;
};

/// The vocabulary learned from generated expressions, kept in a file: learning it takes longer than all 12 steps.
inline std::string tiny_vocabulary(int size) {
    static const TemporaryFolder folder;
    const std::string path = folder / "vocab.txt";
    if (!std::filesystem::exists(path)) write_text(path, make_vocabulary("", size).join());
    return path;
}

/// 4 x 4 tokens, one window block and one global one, drop path and every augmentation on: whatever a resumed run could
/// get wrong is there. Batches of 4, 3 batches an epoch, 4 epochs: 12 steps.
inline ExperimentConfig tiny_experiment(const std::string& out) {
    ExperimentConfig config;
    config.model.image.size = 32;
    config.model.text = {
        .vocab_size = 300, .max_positions = 40, .hidden = 16, .heads = 2, .layers = 1, .ffn = 32, .max_tokens = 40};
    config.model.vision = {.patch = 8,
                           .dim = 16,
                           .heads = 2,
                           .depth = 2,
                           .mlp_ratio = 2,
                           .window = 2,
                           .global_blocks = {1},
                           .position_grid = 4,
                           .drop_path = 0.3};
    config.model.law = {.kind = "lowrank", .groups = 2, .reduction = 2, .rank = 4};
    config.model.box_head = {.pool = "lap", .pool_dim = 8, .hidden = 16};
    config.model.mask_head = {.dim = 8};
    config.init.kind = "scratch";
    config.data.vocabulary = tiny_vocabulary(config.model.text.vocab_size);
    config.data.scenes.min_objects = 3;
    config.data.scenes.max_objects = 4;
    config.data.scenes.min_side = config.data.scenes.max_side = 64;
    config.data.scenes.train_size = 13;  // one is left over each epoch
    config.data.scenes.val_size = 3;
    config.train.out = out;
    config.train.device = test_device_kind();
    config.train.batch = 4;
    config.train.epochs = 4;
    config.train.threads = 1;
    config.train.loader_threads = 1;
    config.train.lr_backbone = config.train.lr_rest = 2e-3;
    config.train.clip = 1;
    config.train.step_epochs = {2};
    config.train.warmup_steps = 2;
    config.train.log_every = 5;
    config.train.validate_every = 3;
    config.train.checkpoint_every = 2;
    return config;
}

/// Ends a run after step k, as Ctrl-C does.
inline TrainObserver stop_after(std::int64_t k) {
    auto done = std::make_shared<std::int64_t>(0);
    TrainObserver observer;
    observer.tick = [done](std::int64_t step, std::int64_t) { *done = step; };
    observer.stop = [done, k] { return *done >= k; };
    return observer;
}

/// Runs something that must fail with an Error, and returns its message; empty when it did not fail.
template <typename Body>
std::string message_of(const Body& body) {
    try {
        body();
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

}  // namespace vglaw::train
