#include "vglaw/train/gradient_reducer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/train/ranks.h"

namespace vglaw::train {
namespace {

using testing::Each;

/// Layers of 64 numbers, one shared by two places, one that no loss reaches.
struct Chain {
    std::vector<torch::Tensor> layers;
    torch::Tensor unused = torch::ones({5}).requires_grad_(true);

    Chain() {
        for (int i = 0; i < 6; ++i) layers.push_back((torch::arange(64) * 0.01 + i).detach().requires_grad_(true));
    }
    [[nodiscard]] std::vector<torch::Tensor> parameters() const {
        auto all = layers;
        all.insert(all.begin() + 3, unused);
        return all;
    }
    [[nodiscard]] torch::Tensor loss(double input) const {
        auto x = torch::full({64}, input);
        for (const auto& layer : layers) x = torch::tanh(x * layer);
        return (x * layers.front()).sum();  // its second use
    }
    void forget() const {
        for (const auto& parameter : parameters()) parameter.mutable_grad() = torch::Tensor();
    }
    [[nodiscard]] std::vector<torch::Tensor> gradients() const {
        std::vector<torch::Tensor> all;
        for (const auto& layer : layers) all.push_back(layer.grad().clone());
        return all;
    }
};

/// The gradients of the sum of the losses of these inputs, computed in one place.
std::vector<torch::Tensor> gradients_of(const std::vector<double>& inputs) {
    const Chain chain;
    for (const double input : inputs) chain.loss(input).backward();
    return chain.gradients();
}

TEST(GradientReducer, AddsEveryGradientOverTheRanksAndStartsBeforeBackwardEnds) {
    if (no_gloo()) GTEST_SKIP();
    const auto expected = gradients_of({0.1, 0.2, 0.3});
    const auto failures = on_ranks(3, [&](ProcessGroup& group) {
        const Chain chain;
        GradientReducer reducer(group, chain.parameters(), 64);  // a bucket a layer
        for (int step = 0; step < 2; ++step) {
            chain.forget();
            reducer.arm();
            chain.loss(0.1 * (group.rank() + 1)).backward();
            reducer.finish();
            for (std::size_t i = 0; i < expected.size(); ++i) {
                // Three floats added in another order.
                EXPECT_TRUE(torch::allclose(chain.layers[i].grad(), expected[i], 1e-5, 1e-7)) << i;
            }
            EXPECT_FALSE(chain.unused.grad().defined());
            // The unused one is in the fourth bucket from the end: three before it need not wait for anything.
            EXPECT_GE(reducer.overlapped(), 2U);
            EXPECT_LT(reducer.overlapped(), reducer.buckets());
        }
    });
    EXPECT_THAT(failures, Each(""));
}

TEST(GradientReducer, OnlyTheArmedPassOfAStepIsSummedWithAllThatWasBefore) {
    if (no_gloo()) GTEST_SKIP();
    const auto expected = gradients_of({0.1, 0.2, 0.3, 0.4});
    const auto failures = on_ranks(2, [&](ProcessGroup& group) {
        const Chain chain;
        GradientReducer reducer(group, chain.parameters());
        chain.loss(0.1 + 0.2 * group.rank()).backward();
        reducer.arm();
        chain.loss(0.2 + 0.2 * group.rank()).backward();
        reducer.finish();
        for (std::size_t i = 0; i < expected.size(); ++i) {
            EXPECT_TRUE(torch::allclose(chain.layers[i].grad(), expected[i], 1e-5, 1e-7)) << i;
        }
    });
    EXPECT_THAT(failures, Each(""));
}

TEST(GradientReducer, WhatOnlyAnEarlierPassReachedIsSummedToo) {
    if (no_gloo()) GTEST_SKIP();
    const auto failures = on_ranks(2, [&](ProcessGroup& group) {
        const Chain chain;
        GradientReducer reducer(group, chain.parameters());
        for (int step = 0; step < 2; ++step) {
            chain.forget();
            (chain.unused * (group.rank() + 1)).sum().backward();
            reducer.arm();
            chain.loss(0.1).backward();
            reducer.finish();
            EXPECT_TRUE(torch::equal(chain.unused.grad(), torch::full({5}, 3.0F)));
        }
    });
    EXPECT_THAT(failures, Each(""));
}

TEST(GradientReducer, GivesTheSameBitsOnEveryRankAndEveryTime) {
    if (no_gloo()) GTEST_SKIP();
    std::vector<std::vector<torch::Tensor>> seen(6);
    for (const int time : {0, 1}) {
        const auto failures = on_ranks(3, [&](ProcessGroup& group) {
            const Chain chain;
            GradientReducer reducer(group, chain.parameters(), 100);
            reducer.arm();
            chain.loss(0.1 / (group.rank() + 1)).backward();
            reducer.finish();
            seen[std::size_t(3 * time + group.rank())] = chain.gradients();
        });
        EXPECT_THAT(failures, Each(""));
    }
    for (const auto& one : seen) {
        ASSERT_EQ(one.size(), seen[0].size());
        for (std::size_t i = 0; i < one.size(); ++i) EXPECT_TRUE(torch::equal(one[i], seen[0][i]));
    }
}

TEST(GradientReducer, AloneLeavesGradientsAlone) {
    ProcessGroup group;
    const Chain chain;
    GradientReducer reducer(group, chain.parameters());
    reducer.arm();
    chain.loss(0.1).backward();
    reducer.finish();
    const auto expected = gradients_of({0.1});
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_TRUE(torch::equal(chain.layers[i].grad(), expected[i]));
}

}  // namespace
}  // namespace vglaw::train
