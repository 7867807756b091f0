#include "vglaw/train/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/unit/train/tiny_experiment.h"
#include "vglaw/net/weights.h"

namespace vglaw::train {
namespace {

net::Network tiny_network() {
    const auto config = tiny_experiment("unused");
    net::Network network(config.model);
    net::load_weights(*network, initial_weights(config.model, config.init, 7));
    network->to(test_device());
    return network;
}

TrainConfig plain_config() {
    TrainConfig config;
    config.lr_backbone = 1e-3;
    config.lr_rest = 1e-2;
    config.weight_decay = 0.1;
    config.beta2 = 0.99;
    config.clip = 0;
    return config;
}

/// A gradient for every parameter, another one each step.
void fill_gradients(net::Network network, int step, double scale = 1) {
    torch::manual_seed(std::uint64_t(100 + step));
    for (auto& parameter : network->parameters())
        parameter.mutable_grad() = torch::randn(parameter.sizes(), placed()) * scale;
}

double gradient_norm(net::Network network) {
    double sum = 0;
    for (const auto& parameter : network->parameters())
        sum += parameter.grad().to(torch::kDouble).square().sum().item<double>();
    return std::sqrt(sum);
}

TEST(Optimizer, IsAdamWWithTheBackbonesLearningRateForBothEncoders) {
    const auto network = tiny_network();
    const auto config = plain_config();
    Optimizer optimizer(network, config);
    constexpr double factors[] = {0.5, 1, 0.25};

    struct State {
        torch::Tensor x, m, v;
    };
    std::map<std::string, State> expected;  // Loshchilov and Hutter 2019, algorithm 2, in double
    for (const auto& item : network->named_parameters()) {
        const auto x = item.value().detach().to(torch::kDouble);
        expected[item.key()] = {x, torch::zeros_like(x), torch::zeros_like(x)};
    }
    for (int t = 1; t <= 3; ++t) {
        fill_gradients(network, t);
        for (const auto& item : network->named_parameters()) {
            auto& [x, m, v] = expected[item.key()];
            const auto g = item.value().grad().to(torch::kDouble);
            const bool backbone =
                item.key().rfind("text_encoder.", 0) == 0 || item.key().rfind("visual_encoder.", 0) == 0;
            const double lr = (backbone ? 1e-3 : 1e-2) * factors[t - 1];
            x = x * (1 - lr * 0.1);
            m = 0.9 * m + 0.1 * g;
            v = 0.99 * v + 0.01 * g * g;
            const auto m_hat = m / (1 - std::pow(0.9, t)), v_hat = v / (1 - std::pow(0.99, t));
            x = x - lr * m_hat / (v_hat.sqrt() + 1e-8);
        }
        const double norm = gradient_norm(network);
        EXPECT_NEAR(optimizer.step(factors[t - 1]), norm, 1e-5 * norm);  // a sum of a few thousand floats
        EXPECT_DOUBLE_EQ(optimizer.learning_rates().at("rest"), 1e-2 * factors[t - 1]);
        EXPECT_DOUBLE_EQ(optimizer.learning_rates().at("backbone"), 1e-3 * factors[t - 1]);
        EXPECT_EQ(optimizer.learning_rates().size(), 2U);
    }
    for (const auto& item : network->named_parameters()) {
        // fp32 keeps 7 digits of values up to about 3; three steps lose less than ten units of the last place.
        EXPECT_TRUE(torch::allclose(item.value().to(torch::kDouble), expected[item.key()].x, 1e-5, 2e-6)) << item.key();
    }
}

TEST(Optimizer, ClipsToTheNormAndReturnsTheNormBefore) {
    const auto network = tiny_network();
    auto config = plain_config();
    config.clip = 0.15;
    Optimizer optimizer(network, config);
    fill_gradients(network, 1);
    const double norm = gradient_norm(network);
    EXPECT_GT(norm, 1);
    EXPECT_NEAR(optimizer.step(1), norm, 1e-5 * norm);
    EXPECT_NEAR(gradient_norm(network), 0.15, 1e-5);

    fill_gradients(network, 2, 1e-6);  // below the bound nothing is scaled up
    const double small = gradient_norm(network);
    ASSERT_LT(small, 0.15);
    (void)optimizer.step(1);
    EXPECT_NEAR(gradient_norm(network), small, 1e-6 * small);
}

TEST(Optimizer, ClipZeroLeavesGradientsAlone) {
    const auto network = tiny_network();
    Optimizer optimizer(network, plain_config());
    fill_gradients(network, 1, 1e4);
    const double norm = gradient_norm(network);
    (void)optimizer.step(1);
    EXPECT_NEAR(gradient_norm(network), norm, 1e-9 * norm);
}

TEST(Optimizer, DoesNotStepOnAGradientThatIsNotANumber) {
    const auto network = tiny_network();
    auto config = plain_config();
    config.clip = 1;
    Optimizer optimizer(network, config);
    fill_gradients(network, 1);
    network->parameters().front().mutable_grad().fill_(std::numeric_limits<float>::quiet_NaN());
    const auto before = net::snapshot(*network);
    EXPECT_TRUE(std::isnan(optimizer.step(1)));
    for (const auto& [name, tensor] : net::snapshot(*network))
        EXPECT_TRUE(torch::equal(tensor, before.at(name))) << name;
}

TEST(Optimizer, StateRoundTripGivesTheSameNextStepToTheBit) {
    const auto network = tiny_network();
    const auto config = plain_config();
    Optimizer optimizer(network, config);
    for (int step = 0; step < 2; ++step) {
        fill_gradients(network, step);
        (void)optimizer.step(1);
    }
    net::Network other = tiny_network();
    {
        const torch::NoGradGuard no_grad;
        auto theirs = other->named_parameters();
        for (const auto& item : network->named_parameters()) theirs[item.key()].copy_(item.value());
    }
    Optimizer restored(other, config);
    auto state = optimizer.state();
    EXPECT_EQ(state.size(), 3 * network->named_parameters().size());
    restored.load_state(state);
    for (const auto& net : {network, other}) fill_gradients(net, 9);
    (void)optimizer.step(0.5);
    (void)restored.step(0.5);
    const auto ours = net::snapshot(*network), theirs = net::snapshot(*other);
    for (const auto& [name, tensor] : ours) EXPECT_TRUE(torch::equal(tensor, theirs.at(name))) << name;
}

TEST(Optimizer, ForgetsTheGradientsOfMuonsMatricesToo) {
    const auto network = tiny_network();
    auto config = plain_config();
    config.optimizer = "muon";
    config.muon_factor = 3;
    Optimizer optimizer(network, config);
    fill_gradients(network, 1);
    (void)optimizer.step(0.5);
    EXPECT_DOUBLE_EQ(optimizer.learning_rates().at("matrices_backbone"), 1e-3 * 0.5 * 3);
    EXPECT_DOUBLE_EQ(optimizer.learning_rates().at("matrices_rest"), 1e-2 * 0.5 * 3);
    optimizer.zero_grad();
    for (const auto& item : network->named_parameters()) EXPECT_FALSE(item.value().grad().defined()) << item.key();
}

TEST(Optimizer, KeepsStateOfAParameterThatWasNeverSteppedAbsent) {
    const auto network = tiny_network();
    Optimizer optimizer(network, plain_config());
    EXPECT_TRUE(optimizer.state().empty());
    fill_gradients(network, 1);
    for (const auto& item : network->named_parameters()) {
        if (item.key().rfind("mask_head.", 0) == 0) item.value().mutable_grad() = torch::Tensor();
    }
    const auto before = net::snapshot(*network);
    (void)optimizer.step(1);
    for (const auto& [name, tensor] : optimizer.state()) EXPECT_EQ(name.find("mask_head."), std::string::npos) << name;
    for (const auto& [name, tensor] : net::snapshot(*network)) {  // no weight decay without a gradient either
        EXPECT_EQ(torch::equal(tensor, before.at(name)), name.rfind("mask_head.", 0) == 0) << name;
    }
}

TEST(Optimizer, RefusesIncompleteOrMisshapenState) {
    const auto network = tiny_network();
    Optimizer optimizer(network, plain_config());
    fill_gradients(network, 1);
    (void)optimizer.step(1);
    const auto state = optimizer.state();
    const std::string name = network->named_parameters().front().key();
    for (const std::string part : {"exp_avg_sq.", "step_count."}) {
        auto broken = state;
        broken.erase(part + name);
        EXPECT_NE(message_of([&] { optimizer.load_state(broken); }).find(name), std::string::npos) << part;
    }
    auto broken = state;
    broken["exp_avg." + name] = torch::zeros({1}, placed());
    EXPECT_NE(message_of([&] { optimizer.load_state(broken); }).find(name), std::string::npos);
    broken = state;
    broken["step_count." + name] = torch::zeros({2}, torch::kLong);
    EXPECT_NE(message_of([&] { optimizer.load_state(broken); }).find(name), std::string::npos);
    EXPECT_EQ(optimizer.state().size(), state.size());  // a refused state changes nothing
}

}  // namespace
}  // namespace vglaw::train
