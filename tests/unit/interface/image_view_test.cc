#include "vglaw/interface/image_view.h"

#include <gmock/gmock.h>

#include <limits>

#include "tests/unit/core/refusal.h"

namespace vglaw::interface {
namespace {

using ::testing::HasSubstr;

std::string refused(const vglaw_image& view) {
    Image image;
    return vglaw::refusal(ErrorCode::invalid_argument, [&] { copy_pixels(&view, image); });
}

TEST(ImageView, RowsMayLieApart) {
    const std::vector<std::uint8_t> padded{1, 2, 3, 4, 5, 6, 99, 99, 7, 8, 9, 10, 11, 12};  // no padding after the last
    const vglaw_image view{padded.data(), 2, 2, 3, 8};
    Image image;
    copy_pixels(&view, image);
    EXPECT_EQ(image.width, 2);
    EXPECT_EQ(image.height, 2);
    EXPECT_THAT(image.rgb, ::testing::ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
    // A smaller picture in the same memory.
    const vglaw_image one{padded.data(), 1, 1, 3, 0};
    copy_pixels(&one, image);
    EXPECT_THAT(image.rgb, ::testing::ElementsAre(1, 2, 3));
}

TEST(ImageView, TransparencyIsPutOnWhite) {
    const std::uint8_t pixels[] = {10, 20, 30, 255, 10, 20, 30, 0, 0, 100, 200, 128};
    const vglaw_image view{pixels, 3, 1, 4, 0};
    Image image;
    copy_pixels(&view, image);
    EXPECT_THAT(image.rgb, ::testing::ElementsAre(10, 20, 30, 255, 255, 255, 127, 177, 227));
}

TEST(ImageView, RefusesWhatIsNoPicture) {
    const std::uint8_t pixels[64] = {};
    Image image;
    EXPECT_THAT(vglaw::refusal(ErrorCode::invalid_argument, [&] { copy_pixels(nullptr, image); }),
                HasSubstr("image is NULL"));
    EXPECT_THAT(refused({nullptr, 2, 2, 3, 0}), HasSubstr("image->data is NULL"));
    EXPECT_THAT(refused({pixels, 0, 2, 3, 0}), HasSubstr("0 x 2 pixels"));
    EXPECT_THAT(refused({pixels, 2, -1, 3, 0}), HasSubstr("2 x -1 pixels"));
    EXPECT_THAT(refused({pixels, 1 << 20, 1 << 20, 3, 0}), HasSubstr("more than the 100000000 accepted"));
    EXPECT_THAT(refused({pixels, std::numeric_limits<int>::max(), 1, 4, 0}), HasSubstr("scale it down"));
    for (const int channels : {0, 1, 2, 5, -3})
        EXPECT_THAT(refused({pixels, 2, 2, channels, 0}), HasSubstr("channels"));
    EXPECT_THAT(refused({pixels, 2, 2, 3, 5}), HasSubstr("stride is 5 bytes"));
    EXPECT_THAT(refused({pixels, 2, 2, 4, 7}), HasSubstr("have 8"));
    EXPECT_THAT(refused({pixels, 2, 2, 3, ~std::size_t{0}}), HasSubstr("more than memory has"));
}

}  // namespace
}  // namespace vglaw::interface
