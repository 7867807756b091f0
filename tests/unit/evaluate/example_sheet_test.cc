#include "vglaw/evaluate/example_sheet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

// A grey picture with a box in it, of which the mask is another half.
class Grey : public Dataset {
public:
    [[nodiscard]] std::size_t size() const override { return 9; }
    [[nodiscard]] Example get(std::size_t index) const override {
        Example example;
        example.image = Image(40, 30);
        std::fill(example.image.rgb.begin(), example.image.rgb.end(), std::uint8_t{128});
        example.expression = "number " + std::to_string(index);
        example.box_px = {5, 5, 20, 20};
        example.mask = Mask(30, 40);
        for (int x = 5; x < 12; ++x) example.mask.at(10, x) = 1;
        return example;
    }
    [[nodiscard]] std::string name() const override { return "grey"; }
};

TEST(ChooseExamples, GivesDifferentOnesAndTheSameAgain) {
    const auto chosen = choose_examples(100000, 50, 7);
    ASSERT_EQ(chosen.size(), 50U);
    EXPECT_TRUE(std::is_sorted(chosen.begin(), chosen.end()));
    EXPECT_EQ(std::adjacent_find(chosen.begin(), chosen.end()), chosen.end());
    EXPECT_LT(chosen.back(), 100000U);
    EXPECT_EQ(chosen, choose_examples(100000, 50, 7));
    EXPECT_NE(chosen, choose_examples(100000, 50, 8));
}

TEST(ChooseExamples, GivesAllWhenThereAreFewer) {
    EXPECT_THAT(choose_examples(3, 50, 7), testing::ElementsAre(0, 1, 2));
    EXPECT_TRUE(choose_examples(0, 50, 7).empty());
}

TEST(DrawExampleSheet, HasATileAnExample) {
    const Image four = draw_example_sheet(Grey(), {0, 3, 5, 8}), one = draw_example_sheet(Grey(), {0});
    EXPECT_GT(four.width, one.width);
    EXPECT_GT(four.height, one.height);
    EXPECT_EQ(four, draw_example_sheet(Grey(), {0, 3, 5, 8}));
    EXPECT_THROW((void)draw_example_sheet(Grey(), {}), Error);
}

}  // namespace
}  // namespace vglaw
