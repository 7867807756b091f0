#include "vglaw/train/schedule.h"

#include <gtest/gtest.h>

namespace vglaw::train {
namespace {

TEST(Schedule, StepListMultipliesAtTheFirstStepOfEachEpoch) {
    TrainConfig config;  // the paper's: times 0.1 at epochs 10 and 60
    const auto factor = [&](std::int64_t step) { return learning_rate_factor(config, step, 100, 9000); };
    EXPECT_EQ(factor(0), 1);
    EXPECT_EQ(factor(999), 1);
    EXPECT_DOUBLE_EQ(factor(1000), 0.1);
    EXPECT_DOUBLE_EQ(factor(5999), 0.1);
    EXPECT_DOUBLE_EQ(factor(6000), 0.01);
    EXPECT_DOUBLE_EQ(factor(8999), 0.01);
    config.step_epochs = {};
    EXPECT_EQ(factor(8999), 1);
}

TEST(Schedule, WarmupRisesLinearlyAndNeverGivesAStepOfZero) {
    TrainConfig config;
    config.warmup_steps = 4;
    const auto factor = [&](std::int64_t step) { return learning_rate_factor(config, step, 100, 9000); };
    EXPECT_DOUBLE_EQ(factor(0), 0.25);
    EXPECT_DOUBLE_EQ(factor(1), 0.5);
    EXPECT_DOUBLE_EQ(factor(3), 1);
    EXPECT_DOUBLE_EQ(factor(4), 1);
}

TEST(Schedule, CosineFallsFromOneToItsShare) {
    TrainConfig config;
    config.schedule = "cosine";
    config.warmup_steps = 10;
    config.min_lr_share = 0.2;
    const auto factor = [&](std::int64_t step) { return learning_rate_factor(config, step, 10, 110); };
    EXPECT_DOUBLE_EQ(factor(10), 1);        // the first step after the warm-up
    EXPECT_DOUBLE_EQ(factor(60), 0.6);      // half-way: the mean of 1 and 0.2
    EXPECT_NEAR(factor(109), 0.2, 0.001);   // the last step is a hair above
    EXPECT_DOUBLE_EQ(factor(110), 0.2);     // and the end is the share itself
    EXPECT_DOUBLE_EQ(factor(100000), 0.2);  // max_steps beyond the end does not bring it back up
    for (int step = 10; step < 110; ++step) EXPECT_GT(factor(step), factor(step + 1)) << step;
}

TEST(Schedule, CosineOfARunThatIsAllWarmupIsDefined) {
    TrainConfig config;
    config.schedule = "cosine";
    config.warmup_steps = 10;
    EXPECT_DOUBLE_EQ(learning_rate_factor(config, 9, 10, 10), 1);
    EXPECT_DOUBLE_EQ(learning_rate_factor(config, 10, 10, 10), 1);
}

}  // namespace
}  // namespace vglaw::train
