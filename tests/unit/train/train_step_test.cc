#include "vglaw/train/train_step.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <utility>

#include "tests/unit/train/ranks.h"
#include "tests/unit/train/tiny_experiment.h"
#include "vglaw/net/weights.h"
#include "vglaw/train/training_loader.h"

namespace vglaw::train {
namespace {

using testing::Each;

// Sums of float32 in another order, through three steps: a few units of the seventh digit are seen.
constexpr double relative = 1e-5, absolute = 2e-6;
// Softmax does not see a key's bias: its gradient is 0 but for rounding, of which AdamW makes a whole step either way.
constexpr double of_no_gradient = 6e-5;  // three steps of 1e-5, opposite

/// Everything that could depend on how a batch is cut: drop path, masks, and a labelling loss whose mean is over
/// objects.
ExperimentConfig cut_experiment(const std::string& optimizer) {
    auto config = tiny_experiment("unused");
    config.loss.labelling = 1;
    config.loss.labelling_block = 1;
    config.loss.pooling = 1;
    config.train.batch = 6;
    config.train.optimizer = optimizer;
    config.train.clip = 0.5;
    // AdamW's first steps divide a tiny gradient by itself: the sign of a rounding error would be a whole step.
    config.train.lr_backbone = config.train.lr_rest = 1e-5;
    return config;
}

struct Result {
    std::vector<StepOutcome> outcomes;
    std::size_t overlapped = 0;  // buckets of the last step that did not wait for backward's end
    std::size_t further = 0;     // phrases beyond the samples, of all steps
    std::map<std::string, torch::Tensor> weights;
};

/// `ahead`: each batch but the first is made and sent while the step before it runs, as on a GPU.
Result run_steps(const ExperimentConfig& config, ProcessGroup& group, int steps = 3, bool ahead = false,
                 std::int64_t bucket = GradientReducer::default_bucket) {
    const auto sources = open_sources(config.data);
    const Tokenizer tokenizer(make_vocabulary(config.data.vocabulary, config.model.text.vocab_size));
    net::Network network(config.model);
    // Not by every seed: by one in ten, a hidden number of the box head is 0 to seven digits, and which side of its
    // ReLU it falls on is a matter of rounding.
    net::load_weights(*network, initial_weights(config.model, config.init, 4));
    network->to(test_device());
    network->keep_block = config.loss.labelling_block;
    Optimizer optimizer(network, config.train, &group);
    Loader loader = training_loader(*sources.train, tokenizer, config, group);
    TrainStep step(config, network, optimizer, group, sources.train->label_classes(), true, bucket);
    Result result;
    std::optional<Batch> coming;
    const auto prefetch = [&] {
        if ((coming = loader.next())) step.prepare(*coming);
    };
    while (int(result.outcomes.size()) < steps) {
        const auto batch = coming ? std::exchange(coming, std::nullopt) : loader.next();
        if (!batch) continue;
        const auto number = std::int64_t(result.outcomes.size());
        result.further += batch->further.size();
        result.outcomes.push_back(step(*batch, number, 1, ahead ? std::function<void()>(prefetch) : nullptr));
    }
    result.overlapped = step.reducer().overlapped();
    result.weights = net::snapshot(*network);
    return result;
}

void expect_close(const Result& a, const Result& b) {
    for (std::size_t i = 0; i < a.outcomes.size(); ++i) {
        const auto &x = a.outcomes[i].losses, &y = b.outcomes[i].losses;
        EXPECT_NEAR(x.total, y.total, relative * x.total) << i;
        EXPECT_NEAR(x.giou, y.giou, relative * x.giou) << i;
        EXPECT_NEAR(x.focal, y.focal, relative * x.focal) << i;
        EXPECT_NEAR(x.pooling, y.pooling, relative * x.pooling) << i;
        EXPECT_NEAR(x.labelling, y.labelling, relative * x.labelling) << i;
        EXPECT_GT(x.labelling, 0);
        EXPECT_NEAR(a.outcomes[i].gradient_norm, b.outcomes[i].gradient_norm, relative * a.outcomes[i].gradient_norm)
            << i;
    }
    for (const auto& [name, tensor] : a.weights) {
        const bool has_key_bias = name.ends_with("key.bias") || name.ends_with("qkv.bias");
        EXPECT_TRUE(torch::allclose(tensor, b.weights.at(name), relative, has_key_bias ? of_no_gradient : absolute))
            << name;
    }
}

TEST(TrainStep, ABatchInMicroBatchesIsTheSameStep) {
    ProcessGroup alone;
    auto config = cut_experiment("adamw");
    const auto whole = run_steps(config, alone);
    for (const int parts : {2, 4, 6}) {  // 4 does not divide 6
        config.train.accumulate = parts;
        SCOPED_TRACE(parts);
        expect_close(whole, run_steps(config, alone));
    }
}

TEST(TrainStep, CaptionsOfSeveralPhrasesInMicroBatchesAndOnRanksAreTheSameStep) {
    ProcessGroup alone;
    auto config = cut_experiment("adamw");
    const auto plain = run_steps(config, alone);
    config.data.scenes.captions = 0.7;
    const auto whole = run_steps(config, alone);
    EXPECT_EQ(plain.further, 0U);
    EXPECT_GT(whole.further, 9U);  // of 18 samples
    EXPECT_NE(whole.outcomes[0].losses.total, plain.outcomes[0].losses.total);
    expect_close(whole, run_steps(config, alone, 3, true));
    auto recomputing = config;
    recomputing.train.checkpoint_blocks = true;
    expect_close(whole, run_steps(recomputing, alone));
    for (const int parts : {2, 4}) {
        config.train.accumulate = parts;
        SCOPED_TRACE(parts);
        expect_close(whole, run_steps(config, alone));
    }
    if (no_gloo()) GTEST_SKIP();
    std::vector<Result> shared(2);
    const auto failures =
        on_ranks(2, [&](ProcessGroup& group) { shared[std::size_t(group.rank())] = run_steps(config, group); });
    ASSERT_THAT(failures, Each(""));
    expect_close(whole, shared[0]);
}

TEST(TrainStep, ABatchSentAheadIsTheSameStep) {
    ProcessGroup alone;
    auto config = cut_experiment("adamw");
    for (const int parts : {1, 4}) {
        config.train.accumulate = parts;
        const auto plain = run_steps(config, alone), ahead = run_steps(config, alone, 3, true);
        SCOPED_TRACE(parts);
        expect_close(plain, ahead);
        if (test_device().is_cuda()) continue;  // adds in no fixed order
        for (const auto& [name, tensor] : plain.weights)
            EXPECT_TRUE(torch::equal(tensor, ahead.weights.at(name))) << name;
    }
}

TEST(TrainStep, RanksThatShareABatchTakeTheStepOfOneThatHasItAll) {
    if (no_gloo()) GTEST_SKIP();
    for (const char* optimizer : {"adamw", "muon"}) {
        ProcessGroup alone;
        auto config = cut_experiment(optimizer);
        const auto whole = run_steps(config, alone);
        for (const int world : {2, 3}) {
            std::vector<Result> shared(static_cast<std::size_t>(world));
            const auto failures = on_ranks(world, [&](ProcessGroup& group) {
                auto mine = config;
                mine.train.accumulate = world == 2 ? 2 : 1;
                shared[std::size_t(group.rank())] = run_steps(mine, group);
            });
            SCOPED_TRACE(fmt::format("{} on {} ranks", optimizer, world));
            ASSERT_THAT(failures, Each(""));
            expect_close(whole, shared[0]);
            for (const auto& [name, tensor] : shared[0].weights) {  // no tolerance between ranks
                EXPECT_TRUE(torch::equal(tensor, shared.back().weights.at(name))) << name;
            }
        }
    }
}

TEST(TrainStep, AHeadThatIsNotTrainedKeepsNoSumWaiting) {
    if (no_gloo()) GTEST_SKIP();
    for (const char* tasks : {"both", "box", "mask"}) {
        const auto failures = on_ranks(2, [&](ProcessGroup& group) {
            auto config = cut_experiment("adamw");
            config.train.tasks = tasks;
            config.loss.pooling = 0;
            EXPECT_GE(run_steps(config, group, 1, false, 1000).overlapped, 3U) << tasks;
        });
        EXPECT_THAT(failures, Each(""));
    }
}

TEST(TrainStep, ALossThatIsNotFiniteStepsNothing) {
    ProcessGroup alone;
    auto config = cut_experiment("adamw");
    const auto before = run_steps(config, alone, 0);
    config.loss.l1 = std::numeric_limits<double>::infinity();
    const auto after = run_steps(config, alone, 1);
    EXPECT_FALSE(after.outcomes[0].finite());
    for (const auto& [name, tensor] : before.weights) EXPECT_TRUE(torch::equal(tensor, after.weights.at(name))) << name;
}

}  // namespace
}  // namespace vglaw::train
