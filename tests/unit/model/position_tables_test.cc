#include "vglaw/model/position_tables.h"

#include <gmock/gmock.h>

#include "tests/unit/core/refusal.h"
#include "vglaw/format/safetensors.h"

namespace vglaw {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(PositionGrid, ResizesAsPyTorchDoes) {
    const auto golden = Safetensors::open(VGLAW_SOURCE_DIR "/tests/golden/net/positions.safetensors");
    const auto grid = golden.at("grid").to_float();
    for (const int target : {28, 7, 1}) {
        const auto expected = golden.at(fmt::format("{0}x{0}", target)).to_float();
        const auto resized = resize_position_grid(grid, 14, target, 2);
        ASSERT_EQ(resized.size(), expected.size());
        for (std::size_t i = 0; i < resized.size(); ++i) {
            EXPECT_NEAR(resized[i], expected[i], 2e-6)
                << target;  // PyTorch's is in float: sums of 16 products around 1
        }
    }
}

TEST(PositionGrid, KeepsItsOwnSizeBitByBit) {
    const std::vector<float> grid{0.1F, 0.2F, 0.3F, 0.4F};
    EXPECT_EQ(resize_position_grid(grid, 2, 2, 1), grid);
    EXPECT_THAT(refusal(ErrorCode::invalid_argument, [&] { (void)resize_position_grid(grid, 3, 2, 1); }),
                HasSubstr("4 numbers is not 3 x 3 x 1"));
}

TEST(RelativeTable, CropKeepsTheMiddle) {
    const std::vector<float> table{-3, 30, -2, 20, -1, 10, 0, 0, 1, -10, 2, -20, 3, -30};
    EXPECT_THAT(fit_relative_table(table, 3, 2, RelativePositions::crop), ElementsAre(-1, 10, 0, 0, 1, -10));
    EXPECT_EQ(fit_relative_table(table, 7, 2, RelativePositions::crop), table);
    EXPECT_THAT(
        refusal(ErrorCode::invalid_argument, [&] { (void)fit_relative_table(table, 9, 2, RelativePositions::crop); }),
        HasSubstr("--rel-pos interpolate"));
    EXPECT_THAT(
        refusal(ErrorCode::invalid_argument, [&] { (void)fit_relative_table(table, 4, 2, RelativePositions::crop); }),
        HasSubstr("cannot be cropped"));
}

TEST(RelativeTable, InterpolationIsLinearBetweenCentres) {
    // PyTorch's interpolate(size, mode="linear") of [0, 1, 2, 3, 4] to 3 and to 9.
    const std::vector<float> table{0, 1, 2, 3, 4};
    const auto small = fit_relative_table(table, 3, 1, RelativePositions::interpolate);
    const auto large = fit_relative_table(table, 9, 1, RelativePositions::interpolate);
    const std::vector<double> small_expected{1.0 / 3, 2, 11.0 / 3};
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(small[i], small_expected[i], 1e-6);  // a float's last digit
    EXPECT_EQ(large.front(), 0);
    EXPECT_EQ(large[4], 2);
    EXPECT_EQ(large.back(), 4);
    EXPECT_NEAR(large[1], 1.0 / 3, 1e-6);
}

}  // namespace
}  // namespace vglaw
