#include "vglaw/image/resize.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

/// The noise of tools/golden/image.py.
Image noise(int width, int height) {
    Image image(width, height);
    std::uint32_t state = 12345;
    for (std::uint8_t& value : image.rgb) {
        state = (state * 1103515245U + 12345U) & 0x7FFFFFFFU;
        value = std::uint8_t(state >> 16);
    }
    return image;
}

std::uint64_t fnv1a(const std::vector<std::uint8_t>& bytes) {
    std::uint64_t value = 0xCBF29CE484222325ULL;
    for (const std::uint8_t byte : bytes) value = (value ^ byte) * 0x100000001B3ULL;
    return value;
}

TEST(ResizeBilinear, EqualsPillowByteForByte) {
    std::ifstream golden(VGLAW_SOURCE_DIR "/tests/golden/image/resize.txt");
    std::string line;
    int cases = 0;
    while (std::getline(golden, line)) {
        if (line.starts_with('#')) continue;
        std::istringstream fields(line);
        int from_width = 0, from_height = 0, width = 0, height = 0;
        std::uint64_t checksum = 0;
        ASSERT_TRUE(fields >> from_width >> from_height >> width >> height >> checksum) << line;
        const Image resized = resize_bilinear(noise(from_width, from_height), width, height);
        EXPECT_EQ(resized.width, width);
        EXPECT_EQ(resized.height, height);
        EXPECT_EQ(fnv1a(resized.rgb), checksum) << line;
        ++cases;
    }
    EXPECT_GE(cases, 15);
}

TEST(ResizeBilinear, KeepsFlatColoursWhateverTheSize) {
    for (const int side : {1, 2, 3, 50, 101}) {
        Image flat(37, 23);
        for (std::size_t i = 0; i < flat.rgb.size(); ++i) flat.rgb[i] = i % 3 == 0 ? 255 : i % 3 == 1 ? 0 : 131;
        const Image resized = resize_bilinear(flat, side, side);
        for (std::size_t i = 0; i < resized.rgb.size(); ++i) ASSERT_EQ(resized.rgb[i], flat.rgb[i % 3]);
    }
}

TEST(ResizeBilinear, RefusesEmptyPicturesAndTargets) {
    EXPECT_THROW((void)resize_bilinear(Image(), 4, 4), Error);
    EXPECT_THROW((void)resize_bilinear(Image(4, 4), 0, 4), Error);
    EXPECT_THROW((void)resize_bilinear(Image(4, 4), 4, -1), Error);
}

TEST(ResizeNearest, SamplesAtPixelCentres) {
    Mask mask(1, 5);
    mask.pixels = {1, 0, 1, 1, 0};
    // Centres 0.5 * 5/3, 1.5 * 5/3, 2.5 * 5/3 = 0.83, 2.5, 4.17.
    EXPECT_EQ(resize_nearest(mask, 3, 1).pixels, (std::vector<std::uint8_t>{1, 1, 0}));
    EXPECT_EQ(resize_nearest(mask, 10, 2).pixels, (std::vector<std::uint8_t>{1, 1, 0, 0, 1, 1, 1, 1, 0, 0,  //
                                                                             1, 1, 0, 0, 1, 1, 1, 1, 0, 0}));
}

TEST(ResizeNearest, RefusesEmptyMasksAndTargets) {
    EXPECT_THROW((void)resize_nearest(Mask(), 4, 4), Error);
    EXPECT_THROW((void)resize_nearest(Mask(4, 4), 4, 0), Error);
}

}  // namespace
}  // namespace vglaw
