#include "vglaw/train/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <sstream>

#include "tests/unit/train/tiny_experiment.h"
#include "vglaw/model/bundle.h"
#include "vglaw/train/checkpoint.h"

namespace vglaw::train {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr std::int64_t all_steps = 12;

std::string checkpoint_name(std::int64_t step) { return fmt::format("checkpoint-{:010d}.safetensors", step); }

/// What a run leaves behind, without what depends on the clock.
struct Traces {
    std::string last, best;
    std::vector<Json> metrics;
};

Traces traces_of(const std::string& out) {
    Traces traces{read_text(out + "/last.safetensors"), read_text(out + "/best.safetensors"), {}};
    std::istringstream lines(read_text(out + "/metrics.jsonl"));
    for (std::string line; std::getline(lines, line);) {
        Json json = Json::parse(line);
        for (const char* clock : {"samples_per_second", "data_wait", "val_seconds", "peak_memory_mib"})
            json.erase(clock);
        traces.metrics.push_back(std::move(json));
    }
    return traces;
}

void expect_same(const Traces& a, const Traces& b) {
    if (test_device_kind() != "cpu") return;  // a GPU adds in no fixed order: there only the code is run
    EXPECT_TRUE(a.last == b.last) << "last.safetensors differs";  // megabytes are no message
    EXPECT_TRUE(a.best == b.best) << "best.safetensors differs";
    EXPECT_EQ(a.metrics, b.metrics);
}

/// The whole run once for each precision, for all tests to compare with.
const Traces& uninterrupted(const std::string& precision) {
    static std::map<std::string, Traces> known;
    if (const auto found = known.find(precision); found != known.end()) return found->second;
    const TemporaryFolder folder;
    auto config = tiny_experiment(folder / "run");
    config.train.precision = precision;
    const auto result = train(config, false, {});
    EXPECT_TRUE(result.finished);
    EXPECT_EQ(result.step, all_steps);
    return known[precision] = traces_of(folder / "run");
}

TEST(Trainer, SameSeedGivesTheSameModelFilesToTheBit) {
    const TemporaryFolder folder;
    auto config = tiny_experiment(folder / "again");
    config.train.loader_threads = 3;  // how many threads make the samples is no part of the result
    (void)train(config, false, {});
    expect_same(traces_of(folder / "again"), uninterrupted("fp32"));

    config.train.out = folder / "other";
    config.train.seed = 2;
    (void)train(config, false, {});
    EXPECT_FALSE(traces_of(folder / "other").last == uninterrupted("fp32").last);
}

TEST(Trainer, ARunStoppedAnywhereAndResumedEqualsOneThatWasNot) {
    // log_every 5, validate_every 3, checkpoint_every 2, 3 steps an epoch: 1 and 7 are in the middle of everything, 3
    // and 6 end an epoch, 5 has just logged, 11 is the last but one.
    for (const std::int64_t k : {1, 3, 5, 6, 7, 11}) {
        const TemporaryFolder folder;
        const auto config = tiny_experiment(folder / "run");
        const auto stopped = train(config, false, stop_after(k));
        EXPECT_FALSE(stopped.finished);
        ASSERT_EQ(stopped.step, k);
        const auto finished = train(config, true, {});
        EXPECT_TRUE(finished.finished);
        SCOPED_TRACE(k);
        expect_same(traces_of(folder / "run"), uninterrupted("fp32"));
    }
}

TEST(Trainer, AKilledRunGoesOnFromTheCheckpointBeforeWithTheSameResult) {
    const TemporaryFolder folder;
    const auto config = tiny_experiment(folder / "run");
    (void)train(config, false, stop_after(7));
    // As if killed after step 7: its checkpoint is not there, its lines and perhaps a better model are.
    ASSERT_TRUE(fs::remove(folder.path / "run" / checkpoint_name(7)));
    (void)train(config, true, stop_after(9));
    // As if the disk lost the end of the checkpoint of step 9.
    fs::resize_file(folder.path / "run" / checkpoint_name(9), 100);
    std::string said;
    TrainObserver observer;
    observer.note = [&](const std::string& text) { said += text + "\n"; };
    (void)train(config, true, observer);
    EXPECT_THAT(said, testing::AllOf(HasSubstr("taking the one before it"), HasSubstr("resumed after step 8")));
    expect_same(traces_of(folder / "run"), uninterrupted("fp32"));
}

TEST(Trainer, Bf16RunsAreReproducibleAndResumeExactly) {
    EXPECT_FALSE(uninterrupted("bf16").last == uninterrupted("fp32").last);  // it does something
    const TemporaryFolder folder;
    auto config = tiny_experiment(folder / "run");
    config.train.precision = "bf16";
    (void)train(config, false, stop_after(4));
    (void)train(config, true, {});
    expect_same(traces_of(folder / "run"), uninterrupted("bf16"));
}

TEST(Trainer, MaxStepsStopsThereAlsoWhenResumed) {
    const TemporaryFolder folder;
    auto config = tiny_experiment(folder / "run");
    config.train.max_steps = 2;
    EXPECT_EQ(train(config, false, {}).step, 2);
    EXPECT_EQ(train(config, true, {}).step, 2);
    config.train.max_steps = 0;
    std::string said;
    TrainObserver observer;
    observer.note = [&](const std::string& text) { said += text + "\n"; };
    EXPECT_EQ(train(config, true, observer).step, all_steps);
    EXPECT_THAT(said, HasSubstr("resumed after step 2; changed since: train.max_steps"));
    expect_same(traces_of(folder / "run"), uninterrupted("fp32"));
    EXPECT_EQ(train(config, true, {}).step, all_steps);  // a finished run has nothing left to do
    expect_same(traces_of(folder / "run"), uninterrupted("fp32"));
}

TEST(Trainer, RefusesAFreshRunInAFolderWithCheckpoints) {
    const TemporaryFolder folder;
    auto config = tiny_experiment(folder / "run");
    config.train.max_steps = 1;
    (void)train(config, false, {});
    const auto before = read_text(folder / "run/metrics.jsonl");
    EXPECT_THAT(message_of([&] { (void)train(config, false, {}); }), HasSubstr("already holds a run"));
    EXPECT_EQ(read_text(folder / "run/metrics.jsonl"), before);
}

TEST(Trainer, RefusesToResumeAnotherNetworkAndLeavesTheRunAlone) {
    const TemporaryFolder folder;
    auto config = tiny_experiment(folder / "run");
    config.train.max_steps = 1;
    (void)train(config, false, {});
    const auto before = read_text(folder / "run/config.json");
    config.model.box_head.hidden = 8;
    EXPECT_THAT(message_of([&] { (void)train(config, true, {}); }),
                HasSubstr("box_head.hidden is 16 there and 8 here"));
    EXPECT_EQ(read_text(folder / "run/config.json"), before);
}

TEST(Trainer, ResumingNothingStartsFromTheBeginning) {
    const TemporaryFolder folder;
    (void)train(tiny_experiment(folder / "run"), true, {});
    expect_same(traces_of(folder / "run"), uninterrupted("fp32"));
}

TEST(Trainer, StartsFromAModelFile) {
    const TemporaryFolder folder;
    auto config = tiny_experiment(folder / "first");
    config.train.max_steps = 1;
    (void)train(config, false, {});

    config.train.start = folder / "first/last.safetensors";
    config.train.out = folder / "second";
    config.train.lr_backbone = config.train.lr_rest = 0;  // so that what it started from can be seen
    config.train.seed = 99;
    config.model = ModelConfig();  // the file's own config counts
    (void)train(config, false, {});
    const auto first = read_bundle(folder / "first/last.safetensors"),
               second = read_bundle(folder / "second/last.safetensors");
    EXPECT_EQ(config_to_json(first.config), config_to_json(second.config));
    EXPECT_EQ(first.vocabulary.size(), second.vocabulary.size());
    for (const auto& [name, tensor] : first.file.tensors())
        EXPECT_EQ(tensor.to_float(), second.tensor(name).to_float()) << name;
}

/// Names of tensors that a run of three steps has changed, by their first part.
std::map<std::string, bool> changed_parts(const ExperimentConfig& config) {
    auto still = config;
    still.train.out += "-still";
    still.train.lr_backbone = still.train.lr_rest = 0;
    (void)train(config, false, {});
    (void)train(still, false, {});
    const auto moved = read_bundle(config.train.out + "/last.safetensors");
    const auto start = read_bundle(still.train.out + "/last.safetensors");
    std::map<std::string, bool> changed;
    for (const auto& [name, tensor] : start.file.tensors()) {
        changed[name.substr(0, name.find('.'))] |= tensor.to_float() != moved.tensor(name).to_float();
    }
    return changed;
}

TEST(Trainer, ATaskTrainsItsOwnHeadOnly) {
    for (const std::string tasks : {"box", "mask", "both"}) {
        const TemporaryFolder folder;
        auto config = tiny_experiment(folder / "run");
        config.train.tasks = tasks;
        config.train.max_steps = 3;
        config.train.log_every = 3;
        auto changed = changed_parts(config);
        SCOPED_TRACE(tasks);
        EXPECT_EQ(changed.at("box_head"), tasks != "mask");
        EXPECT_EQ(changed.at("mask_head"), tasks != "box");
        for (const char* shared : {"text_encoder", "visual_encoder", "weight_generator"})
            EXPECT_TRUE(changed.at(shared)) << shared;
        const Json line = traces_of(folder / "run").metrics.front();
        EXPECT_EQ(line.at("giou").get<double>() > 0, tasks != "mask");
        EXPECT_EQ(line.at("dice").get<double>() > 0, tasks != "box");
    }
}

TEST(Trainer, TheBaselineWithoutLawTrains) {
    const TemporaryFolder folder;
    auto config = tiny_experiment(folder / "run");
    config.model.law.kind = "none";
    config.train.max_steps = 3;
    EXPECT_EQ(train(config, false, {}).step, 3);
    const auto best = read_bundle(folder / "run/best.safetensors");
    for (const auto& [name, tensor] : best.file.tensors()) {
        EXPECT_EQ(name.find("weight_generator"), std::string::npos);
    }
}

TEST(Trainer, LearnsOneBatchByHeart) {
    const TemporaryFolder folder;
    auto config = tiny_experiment(folder / "run");
    config.data.scenes.train_size = 4;
    config.augment = {.random_offset = false, .flip = 0, .crop = 0, .scale = 0};
    config.model.vision.drop_path = 0;
    config.train.epochs = 60;
    config.train.step_epochs = {};
    config.train.lr_backbone = config.train.lr_rest = 5e-3;
    config.train.log_every = 1;
    config.train.validate_every = config.train.checkpoint_every = 1000;
    std::vector<StepReport> steps;
    TrainObserver observer;
    observer.step = [&](const StepReport& report) { steps.push_back(report); };
    (void)train(config, false, observer);
    ASSERT_EQ(steps.size(), 60U);
    EXPECT_LT(steps.back().loss, steps.front().loss / 2);
    EXPECT_LT(steps.back().giou, steps.front().giou);  // both tasks, not one at the other's cost
    EXPECT_LT(steps.back().dice, steps.front().dice);
}

TEST(Trainer, ReportsPositionsAndFigures) {
    const TemporaryFolder folder;
    std::vector<StepReport> steps;
    std::vector<ValidationReport> validations;
    TrainObserver observer;
    observer.step = [&](const StepReport& report) { steps.push_back(report); };
    observer.validation = [&](const ValidationReport& report) { validations.push_back(report); };
    const auto result = train(tiny_experiment(folder / "run"), false, observer);
    ASSERT_EQ(steps.size(), 3U);  // 5, 10 and the end
    EXPECT_EQ(steps[1].step, 10);
    EXPECT_EQ(steps[2].step, all_steps);
    EXPECT_EQ(steps[1].total_steps, all_steps);
    EXPECT_DOUBLE_EQ(steps[1].epoch, 10.0 / 3);
    EXPECT_DOUBLE_EQ(steps[0].learning_rate, 2e-3);
    EXPECT_DOUBLE_EQ(steps[1].learning_rate, 2e-4);
    EXPECT_GT(steps[0].samples_per_second, 0);
    EXPECT_GT(steps[0].peak_memory_mib, 10);  // LibTorch alone is more
    EXPECT_DOUBLE_EQ(steps[1].learning_rates.at("backbone"), 2e-4);
    ASSERT_EQ(validations.size(), 4U);
    EXPECT_EQ(validations[0].metrics.expressions(), 3U);
    EXPECT_TRUE(validations[0].best);
    EXPECT_EQ(result.model, folder / "run/best.safetensors");
    EXPECT_TRUE(fs::exists(result.model));
}

TEST(Trainer, ALossThatIsNotANumberEndsTheRunAndKeepsItsCheckpoints) {
    const TemporaryFolder folder;
    auto config = tiny_experiment(folder / "run");
    config.train.max_steps = 2;
    (void)train(config, false, {});
    config.train.max_steps = 0;
    config.train.clip = 0;
    config.train.warmup_steps = 0;
    config.loss.l1 = config.loss.giou = 1000;
    config.train.lr_backbone = config.train.lr_rest = 10;
    config.train.weight_decay = 10;  // each step multiplies the weights by 1 - 100
    config.train.epochs = 100;
    config.train.step_epochs = {};
    config.train.validate_every = 1000;
    const auto message = message_of([&] { (void)train(config, true, {}); });
    EXPECT_THAT(message, testing::AllOf(HasSubstr(" at step "), HasSubstr("train.lr_rest"), HasSubstr("bad-batch-")));
    std::string warning;
    EXPECT_TRUE(read_newest_checkpoint(config.train.out, warning).has_value());
    EXPECT_EQ(warning, "");
}

/// A model in which one word of the vocabulary is not a number: batches with it have no loss, others do.
std::string model_with_a_bad_word(const TemporaryFolder& folder, const std::string& word) {
    auto config = tiny_experiment(folder / "sound");
    config.train.max_steps = 1;
    (void)train(config, false, {});
    const auto bundle = read_bundle(folder / "sound/last.safetensors");
    auto tensors = bundle.file.tensors();
    auto& embedding = tensors.at("text_encoder.embeddings.word_embeddings.weight");
    std::vector<std::uint8_t> bytes(embedding.bytes.begin(), embedding.bytes.end());
    const auto row = std::size_t(config.model.text.hidden) * sizeof(float);
    const auto id = bundle.vocabulary.find(word);
    EXPECT_TRUE(id.has_value()) << word;
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::memcpy(bytes.data() + std::size_t(id.value_or(0)) * row, &nan, sizeof nan);
    embedding.bytes = bytes;
    write_bundle(folder / "bad.safetensors", bundle.config, bundle.vocabulary, tensors, "", "");
    return folder / "bad.safetensors";
}

TEST(Trainer, ABatchWithoutALossIsSavedAndEndsTheRunOrIsLeftOut) {
    const TemporaryFolder folder;
    auto config = tiny_experiment(folder / "stop");
    config.train.start = model_with_a_bad_word(folder, "small");
    config.train.batch = 1;  // 13 steps an epoch: some without the word
    config.train.epochs = 1;
    config.train.log_every = 13;
    config.train.validate_every = 1000;
    config.data.scenes.val_size = 1;
    const auto message = message_of([&] { (void)train(config, false, {}); });
    EXPECT_THAT(message, testing::AllOf(HasSubstr("the loss is nan at step "), HasSubstr("bad-batch-")));

    config.train.out = folder / "skip";
    config.train.on_nan = "skip";
    std::vector<StepReport> steps;
    std::string said;
    TrainObserver observer;
    observer.note = [&](const std::string& text) { said += text + "\n"; };
    observer.step = [&](const StepReport& report) { steps.push_back(report); };
    EXPECT_TRUE(train(config, false, observer).finished);
    ASSERT_EQ(steps.size(), 1U);
    EXPECT_GT(steps[0].skipped, 0);
    EXPECT_LT(steps[0].skipped, 13);
    EXPECT_TRUE(std::isfinite(steps[0].loss));
    EXPECT_THAT(said, HasSubstr("left out"));
    std::int64_t files = 0;
    for (const auto& entry : fs::directory_iterator(folder / "skip")) {
        if (entry.path().filename().string().rfind("bad-batch-", 0) != 0) continue;
        ++files;
        const Json saved = Json::parse(read_text(entry.path()));
        EXPECT_EQ(saved.at("loss"), "nan");
        ASSERT_EQ(saved.at("examples").size(), 1U);
        EXPECT_THAT(saved.at("examples")[0].at("expression").get<std::string>(), HasSubstr("small"));
    }
    EXPECT_EQ(files, steps[0].skipped);
    // The weights of a run that left them out are numbers, but for the word's own.
    const auto last = read_bundle(folder / "skip/last.safetensors");
    for (const float value : last.tensor("box_head.mlp.2.bias").to_float()) EXPECT_TRUE(std::isfinite(value));
}

TEST(Trainer, TenStepsInARowWithoutALossEndTheRunEvenWhenSkipping) {
    const TemporaryFolder folder;
    auto config = tiny_experiment(folder / "run");
    config.train.start = model_with_a_bad_word(folder, "[CLS]");
    config.train.on_nan = "skip";
    config.train.validate_every = 1000;
    EXPECT_THAT(message_of([&] { (void)train(config, false, {}); }), HasSubstr("at step 10, the 10th in a row"));
}

TEST(Trainer, ADataSetThatShrankSinceTheCheckpointIsNamed) {
    const TemporaryFolder folder;
    auto config = tiny_experiment(folder / "run");
    config.train.max_steps = 1;
    (void)train(config, false, {});
    config.data.scenes.train_size = 12;
    EXPECT_THAT(message_of([&] { (void)train(config, true, {}); }), HasSubstr("had 13 examples"));
}

TEST(Trainer, AccumulatingGivesTheSameRunWithinTheOrderOfSums) {
    const TemporaryFolder folder;
    auto config = tiny_experiment(folder / "run");
    config.train.accumulate = 2;
    (void)train(config, false, {});
    const auto whole = uninterrupted("fp32"), cut = traces_of(folder / "run");
    ASSERT_EQ(whole.metrics.size(), cut.metrics.size());
    for (std::size_t i = 0; i < cut.metrics.size(); ++i) {
        if (!cut.metrics[i].contains("loss")) continue;
        // Twelve steps, each of which AdamW makes of a rounding error where a gradient is nearly 0.
        EXPECT_NEAR(cut.metrics[i].at("loss").get<double>(), whole.metrics[i].at("loss").get<double>(), 0.01);
    }
    EXPECT_FALSE(whole.last == cut.last);  // it did cut
}

TEST(Trainer, WhatCannotWorkIsRefusedBeforeAFolderIsMade) {
    const TemporaryFolder folder;
    auto config = tiny_experiment(folder / "run");
    config.train.batch = 14;  // of 13 examples
    EXPECT_THAT(message_of([&] { (void)train(config, false, {}); }), HasSubstr("make the batch smaller"));
    EXPECT_FALSE(fs::exists(folder / "run"));

    write_text(folder / "file", "in the way");
    config = tiny_experiment(folder / "file/run");
    EXPECT_THAT(message_of([&] { (void)train(config, false, {}); }), HasSubstr(folder / "file/run"));
}

}  // namespace
}  // namespace vglaw::train
