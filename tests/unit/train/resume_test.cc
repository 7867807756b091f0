#include "vglaw/train/resume.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/train/tiny_experiment.h"
#include "vglaw/net/weights.h"

namespace vglaw::train {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Trained {
    ExperimentConfig config = tiny_experiment("unused");
    net::Network network{config.model};
    Optimizer optimizer{network, config.train};

    explicit Trained(std::uint64_t seed) {
        net::load_weights(*network, initial_weights(config.model, config.init, seed));
        for (auto& parameter : network->parameters()) parameter.mutable_grad() = torch::ones_like(parameter);
        (void)optimizer.step(1);
    }
    [[nodiscard]] Json json() const { return config_to_json(config); }
    [[nodiscard]] Checkpoint checkpoint() const {
        Checkpoint checkpoint;
        checkpoint.step = 1;
        checkpoint.config = json();
        checkpoint.weights = net::snapshot(*network);
        checkpoint.optimizer = optimizer.state();
        return checkpoint;
    }
};

TEST(Resume, PutsWeightsAndOptimizerBack) {
    const Trained source(1);
    Trained target(2);
    restore(source.checkpoint(), target.json(), target.network, target.optimizer);
    const auto expected = source.checkpoint(), restored = target.checkpoint();
    for (const auto& [name, tensor] : expected.weights) EXPECT_TRUE(torch::equal(restored.weights.at(name), tensor));
    for (const auto& [name, tensor] : expected.optimizer)
        EXPECT_TRUE(torch::equal(restored.optimizer.at(name), tensor));
}

TEST(Resume, RefusesAnotherNetworkAndNamesTheKeys) {
    const Trained source(1);
    Trained target(2);
    const auto refusal = [&](const Checkpoint& checkpoint) {
        return message_of([&] { restore(checkpoint, target.json(), target.network, target.optimizer); });
    };
    auto checkpoint = source.checkpoint();
    checkpoint.config["law"]["kind"] = "none";
    checkpoint.config["vision"]["global_blocks"] = {0};
    checkpoint.config["train"]["batch"] = 5;  // may change
    const auto message = refusal(checkpoint);
    EXPECT_THAT(message, HasSubstr("law.kind is \"none\" there and \"lowrank\" here"));
    EXPECT_THAT(message, HasSubstr("vision.global_blocks is [0] there and [1] here"));
    EXPECT_THAT(message, testing::Not(HasSubstr("train.batch")));
    checkpoint = source.checkpoint();
    checkpoint.config.erase("law");
    checkpoint.config.erase("text");
    EXPECT_THAT(refusal(checkpoint),
                testing::AllOf(HasSubstr("text.layers is absent there and 1 here"), HasSubstr("more keys")));
    checkpoint = source.checkpoint();
    checkpoint.config["fusion"]["kind"] = "pwam";  // its other weights would all be found
    EXPECT_THAT(refusal(checkpoint), HasSubstr("fusion.kind is \"pwam\" there and \"none\" here"));
    checkpoint = source.checkpoint();
    checkpoint.config["train"]["optimizer"] = "muon";
    EXPECT_THAT(refusal(checkpoint), HasSubstr("train.optimizer is \"muon\" there"));
}

/// A data set of which only the size is looked at.
class Sized final : public Dataset {
public:
    explicit Sized(std::size_t size) : size_(size) {}
    std::size_t size() const override { return size_; }
    Example get(std::size_t) const override { return {}; }
    std::string name() const override { return "pictures"; }

private:
    std::size_t size_;
};

TEST(Resume, RefusesADataSetThatShrankAndSaysWhichGrew) {
    Checkpoint checkpoint;
    checkpoint.step = 7;
    checkpoint.data = Json::parse(describe_data(Sized(100), Sized(10)).dump());  // as a checkpoint stores it
    EXPECT_EQ(check_data(checkpoint, describe_data(Sized(100), Sized(10))), "");
    EXPECT_THAT(check_data(checkpoint, describe_data(Sized(103), Sized(10))), HasSubstr("from 100 to 103"));
    EXPECT_THAT(message_of([&] { (void)check_data(checkpoint, describe_data(Sized(99), Sized(10))); }),
                HasSubstr("pictures had 100 examples at the checkpoint of step 7 and has 99 now"));
    EXPECT_THAT(message_of([&] { (void)check_data(checkpoint, describe_data(Sized(100), Sized(9))); }),
                HasSubstr("has 9 now"));
    checkpoint.data = Json();  // of an earlier version
    EXPECT_EQ(check_data(checkpoint, describe_data(Sized(1), Sized(1))), "");
}

TEST(Resume, RefusesDamagedTensorsByNameAndChangesNothing) {
    const Trained source(1);
    Trained target(2);
    const auto before = target.checkpoint();
    const std::string name = "box_head.mlp.0.weight";
    const auto refused = [&](const auto& damage) {
        auto checkpoint = source.checkpoint();
        damage(checkpoint);
        EXPECT_THAT(message_of([&] { restore(checkpoint, target.json(), target.network, target.optimizer); }),
                    HasSubstr(name));
        for (const auto& [key, tensor] : target.checkpoint().weights)
            EXPECT_TRUE(torch::equal(tensor, before.weights.at(key)));
    };
    refused([&](Checkpoint& c) { ASSERT_EQ(c.weights.erase(name), 1U); });
    refused([&](Checkpoint& c) { c.weights[name] = torch::zeros({2}); });
    refused([&](Checkpoint& c) { c.weights[name] = c.weights[name].to(torch::kLong); });
    refused([&](Checkpoint& c) { c.optimizer["exp_avg." + name] = torch::zeros({2}); });
}

TEST(Resume, NamesTheKeysThatChanged) {
    auto config = tiny_experiment("a");
    const Json stored = config_to_json(config);
    EXPECT_TRUE(changed_keys(stored, stored).empty());
    config.train.out = "b";
    config.data.scenes.style = "mixed";
    config.train.step_epochs = {1, 2};
    EXPECT_THAT(changed_keys(stored, config_to_json(config)),
                ElementsAre("data.scenes.style", "train.out", "train.step_epochs"));
    EXPECT_FALSE(changed_keys(Json::object(), stored).empty());
}

}  // namespace
}  // namespace vglaw::train
