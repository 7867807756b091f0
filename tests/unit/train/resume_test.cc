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

TEST(Resume, RefusesAnotherNetworkByTheTable) {
    const Trained source(1);
    Trained target(2);
    auto checkpoint = source.checkpoint();
    checkpoint.config["law"]["kind"] = "none";
    EXPECT_THAT(message_of([&] { restore(checkpoint, target.json(), target.network, target.optimizer); }),
                HasSubstr("[law]"));
    checkpoint.config.erase("law");
    EXPECT_THAT(message_of([&] { restore(checkpoint, target.json(), target.network, target.optimizer); }),
                HasSubstr("[law]"));
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
