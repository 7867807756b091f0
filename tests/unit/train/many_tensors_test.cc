#include "vglaw/train/many_tensors.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/net/test_device.h"

namespace vglaw::train {
namespace {

std::vector<torch::Tensor> some_parameters() {
    torch::manual_seed(1);
    std::vector<torch::Tensor> made;
    for (const std::int64_t rows : {1, 7, 300}) made.push_back(torch::randn({rows, 33}, placed()).requires_grad_());
    return made;
}

void fill_gradients(const std::vector<torch::Tensor>& parameters, std::uint64_t seed) {
    torch::manual_seed(seed);
    for (const auto& parameter : parameters) parameter.mutable_grad() = torch::randn(parameter.sizes(), placed());
}

double difference(const torch::Tensor& a, const torch::Tensor& b) { return (a - b).abs().max().item<double>(); }

TEST(ManyTensors, TheFusedStepIsAdamWs) {
    const auto ours = some_parameters(), theirs = some_parameters();
    const auto options = [](double lr) { return torch::optim::AdamWOptions(lr).weight_decay(0.1).betas({0.9, 0.99}); };
    const auto make = [&](const std::vector<torch::Tensor>& parameters) {
        std::vector<torch::optim::OptimizerParamGroup> groups;
        groups.emplace_back(std::vector<torch::Tensor>{parameters[0], parameters[1]},
                            std::make_unique<torch::optim::AdamWOptions>(options(1e-2)));
        groups.emplace_back(std::vector<torch::Tensor>{parameters[2]},
                            std::make_unique<torch::optim::AdamWOptions>(options(1e-3)));
        return torch::optim::AdamW(groups, options(1));
    };
    auto a = make(ours), b = make(theirs);
    for (std::uint64_t step = 0; step < 5; ++step) {
        for (const auto* parameters : {&ours, &theirs}) {
            fill_gradients(*parameters, 10 + step);
            if (step % 2 == 1) (*parameters)[1].mutable_grad() = torch::Tensor();  // counts its steps apart
        }
        step_adamw(a);
        b.step();
        ASSERT_EQ(a.state().size(), b.state().size());
        for (std::size_t i = 0; i < ours.size(); ++i) {
            // float32 numbers of a few units, rounded elsewhere: two units of the last place a step.
            EXPECT_LT(difference(ours[i], theirs[i]), 2e-6) << "step " << step << ", parameter " << i;
        }
    }
    std::vector<std::int64_t> counts;
    for (const auto& [key, state] : a.state()) {
        counts.push_back(static_cast<const torch::optim::AdamWParamState&>(*state).step());
    }
    std::sort(counts.begin(), counts.end());
    EXPECT_EQ(counts, (std::vector<std::int64_t>{3, 5, 5}));
    EXPECT_GT(difference(ours[0], some_parameters()[0]), 1e-2);  // it did step
}

TEST(ManyTensors, ClippingIsLibTorchs) {
    for (const double largest : {0.5, 1e6}) {
        const auto ours = some_parameters(), theirs = some_parameters();
        for (const auto* parameters : {&ours, &theirs}) {
            fill_gradients(*parameters, 3);
            (*parameters)[1].mutable_grad() = torch::Tensor();
        }
        const double norm = torch::nn::utils::clip_grad_norm_(theirs, largest);
        EXPECT_NEAR(clip_gradients(ours, largest), norm, 1e-6 * norm);
        EXPECT_FALSE(ours[1].grad().defined());
        for (const int i : {0, 2})
            EXPECT_LT(difference(ours[std::size_t(i)].grad(), theirs[std::size_t(i)].grad()), 1e-6);
    }
}

TEST(ManyTensors, WithoutAnyGradientNothingHappens) {
    const auto parameters = some_parameters();
    torch::optim::AdamW adamw(parameters, torch::optim::AdamWOptions(1));
    EXPECT_EQ(clip_gradients(parameters, 1), 0);
    step_adamw(adamw);
    EXPECT_TRUE(torch::equal(parameters[2], some_parameters()[2]));
}

}  // namespace
}  // namespace vglaw::train
