#include "vglaw/model/int8_weight.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/unit/model/toy_model.h"

namespace vglaw {
namespace {

TEST(Int8Weight, RoundsEachOutputToItsOwnScale) {
    const std::vector<float> weight{1, -2, 0.5F, 100, 0, -127};
    const Int8Weight made = to_int8(weight, 2);
    EXPECT_EQ(made.scales, (std::vector<float>{2.0F / 127, 1}));
    EXPECT_EQ(made.values, (std::vector<std::int8_t>{64, -127, 32, 100, 0, -127}));  // 63.5 to the even neighbour
}

TEST(Int8Weight, ComesBackToHalfAStep) {
    std::vector<float> weight;
    for (int i = 0; i < 3000; ++i) weight.push_back(float(std::sin(i * 1.7) * std::exp(i % 7)));
    const Int8Weight made = to_int8(weight, 30);
    const auto back = from_int8(made.values, made.scales);
    ASSERT_EQ(back.size(), weight.size());
    for (std::size_t i = 0; i < weight.size(); ++i)
        EXPECT_LE(std::abs(back[i] - weight[i]), 0.50001F * made.scales[i / 100]) << i;  // and the product's rounding
    // Once more changes nothing: what a file holds is what loading it as floats and quantising again gives.
    const Int8Weight again = to_int8(back, 30);
    EXPECT_EQ(again.values, made.values);
}

TEST(Int8Weight, AnOutputOfZerosStaysZero) {
    const Int8Weight made = to_int8(std::vector<float>(8, 0.0F), 2);
    EXPECT_EQ(made.scales, (std::vector<float>{0, 0}));
    EXPECT_EQ(from_int8(made.values, made.scales), std::vector<float>(8, 0.0F));
}

TEST(Int8Weight, IsForTheBlocksProductsAlone) {
    std::vector<std::string> some;
    for (const auto& [name, shape] : tensor_shapes(toy_config())) {
        if (!may_be_int8(name)) continue;
        ASSERT_EQ(shape.size(), 2u) << name;
        if (name.find("blocks.1.") != std::string::npos) some.push_back(name);
    }
    EXPECT_EQ(some, (std::vector<std::string>{
                        "visual_encoder.blocks.1.attn.proj.weight", "visual_encoder.blocks.1.attn.qkv.weight",
                        "visual_encoder.blocks.1.mlp.fc1.weight", "visual_encoder.blocks.1.mlp.fc2.weight"}));
    EXPECT_EQ(scale_name("a.weight"), "a.weight_scale");
}

}  // namespace
}  // namespace vglaw
