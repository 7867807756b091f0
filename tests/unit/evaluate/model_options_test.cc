#include "vglaw/evaluate/model_options.h"

#include <gtest/gtest.h>

namespace vglaw {
namespace {

TEST(ModelOptions, TakeWhatTheModelFileSays) {
    ModelConfig model;
    model.image.size = 96;
    model.image.mean = {0.1, 0.2, 0.3};
    model.image.std = {0.4, 0.5, 0.6};
    model.text.max_tokens = 20;
    model.mask_head.threshold = 0.45;
    const auto options = evaluate_options(model);
    EXPECT_EQ(options.mask_threshold, 0.45);
    EXPECT_EQ(options.prepare.size, 96);
    EXPECT_EQ(options.prepare.max_tokens, 20);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(options.prepare.normalization.mean[i], float(model.image.mean[i]));
        EXPECT_EQ(options.prepare.normalization.std[i], float(model.image.std[i]));
    }
}

}  // namespace
}  // namespace vglaw
