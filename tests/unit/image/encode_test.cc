#include "vglaw/image/encode.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "vglaw/core/error.h"
#include "vglaw/core/rng.h"
#include "vglaw/image/decode.h"

namespace vglaw {
namespace {

Image smooth(int width, int height) {
    Image image(width, height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            image.pixel(y, x)[0] = std::uint8_t(x * 3);
            image.pixel(y, x)[1] = std::uint8_t(y * 4);
            image.pixel(y, x)[2] = 90;
        }
    }
    return image;
}

TEST(EncodePng, KeepsEveryPixel) {
    Rng rng(5);
    for (const auto& [width, height] : {std::pair{1, 1}, {61, 47}, {3, 200}}) {
        Image image(width, height);
        for (auto& value : image.rgb) value = std::uint8_t(rng.next() >> 56);
        EXPECT_EQ(decode_image(encode_png(image), "round trip"), image);
    }
}

TEST(EncodePngGray, WritesMasksAsBlackAndWhite) {
    Mask mask(2, 3);
    mask.pixels = {0, 1, 0, 1, 1, 0};
    const Image back = decode_image(encode_png_gray(mask), "round trip");
    ASSERT_EQ(back.width, 3);
    for (std::size_t i = 0; i < back.rgb.size(); ++i) EXPECT_EQ(back.rgb[i], mask.pixels[i / 3] * 255);
}

TEST(EncodeJpeg, StaysCloseAndGivesTheSameBytesTwice) {
    const Image image = smooth(80, 60);
    const auto bytes = encode_jpeg(image, 95);
    EXPECT_EQ(bytes, encode_jpeg(image, 95));
    EXPECT_LT(encode_jpeg(image, 20).size(), bytes.size());
    const Image back = decode_image(bytes, "round trip");
    ASSERT_EQ(back.width, image.width);
    double sum = 0;
    for (std::size_t i = 0; i < image.rgb.size(); ++i) sum += std::abs(image.rgb[i] - back.rgb[i]);
    EXPECT_LT(sum / double(image.rgb.size()), 2.0);  // quality 95 quantises a smooth ramp to about one level
}

TEST(Encode, RefusesWhatTheFormatsCannotHold) {
    EXPECT_THROW((void)encode_png(Image()), Error);
    EXPECT_THROW((void)encode_png_gray(Mask()), Error);
    EXPECT_THROW((void)encode_jpeg(Image(), 90), Error);
    EXPECT_THROW((void)encode_jpeg(Image(4, 4), 0), Error);
    EXPECT_THROW((void)encode_jpeg(Image(70000, 1), 90), Error);
}

TEST(Encode, SavesWholeFilesOrNone) {
    const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "vglaw_encode_test";
    std::filesystem::create_directories(folder);
    const Image image = smooth(20, 10);
    save_png(folder / "a.png", image);
    save_jpeg(folder / "a.jpg", image);
    save_png_gray(folder / "m.png", Mask(4, 4));
    EXPECT_EQ(load_image(folder / "a.png"), image);
    EXPECT_EQ(load_image(folder / "a.jpg").width, 20);
    EXPECT_EQ(load_image(folder / "m.png").height, 4);
    EXPECT_THROW(save_png(folder / "missing" / "a.png", image), Error);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace vglaw
