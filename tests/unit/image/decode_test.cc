#include "vglaw/image/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>
#include <zlib.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"
#include "vglaw/image/exif.h"

namespace vglaw {
namespace {

const std::string kGolden = VGLAW_SOURCE_DIR "/tests/golden/image/";
using testing::HasSubstr;

/// What Pillow saw in the file.
Image pixels_of(const std::string& name) {
    std::ifstream file(kGolden + name + ".ppm", std::ios::binary);
    std::string magic;
    int width = 0, height = 0, maximum = 0;
    file >> magic >> width >> height >> maximum;
    EXPECT_EQ(magic, "P6") << name;
    file.get();
    Image image(width, height);
    file.read(reinterpret_cast<char*>(image.rgb.data()), std::streamsize(image.rgb.size()));
    EXPECT_TRUE(file) << name;
    return image;
}

int largest_difference(const Image& a, const Image& b) {
    if (a.width != b.width || a.height != b.height) return 256;
    int largest = 0;
    for (std::size_t i = 0; i < a.rgb.size(); ++i) largest = std::max(largest, std::abs(a.rgb[i] - b.rgb[i]));
    return largest;
}

std::string message_of(const std::vector<std::uint8_t>& bytes, const DecodeOptions& options = {}) {
    try {
        (void)decode_image(bytes, "x.png", options);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

/// rgb.png with `count` compressed texts of 7 MB each behind its header.
std::vector<std::uint8_t> with_texts(int count) {
    auto bytes = read_file(kGolden + "rgb.png");
    std::vector<std::uint8_t> packed(64 << 10);
    const std::vector<std::uint8_t> letters(7'000'000, 'a');
    uLongf size = packed.size();
    EXPECT_EQ(compress(packed.data(), &size, letters.data(), letters.size()), Z_OK);
    std::vector<std::uint8_t> chunk = {'z', 'T', 'X', 't', 'a', 0, 0};
    chunk.insert(chunk.end(), packed.begin(), packed.begin() + std::ptrdiff_t(size));
    const auto put = [](std::vector<std::uint8_t>& out, std::uint32_t value) {
        for (const int shift : {24, 16, 8, 0}) out.push_back(std::uint8_t(value >> shift));
    };
    std::vector<std::uint8_t> texts;
    for (int i = 0; i < count; ++i) {
        put(texts, std::uint32_t(chunk.size() - 4));
        texts.insert(texts.end(), chunk.begin(), chunk.end());
        put(texts, std::uint32_t(crc32(crc32(0, nullptr, 0), chunk.data(), uInt(chunk.size()))));
    }
    bytes.insert(bytes.begin() + 33, texts.begin(), texts.end());  // signature 8, IHDR 25
    return bytes;
}

long peak_kib() {
    rusage usage{};
    (void)getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

TEST(DecodePng, DoesNotUnpackTextsThatNobodyReads) {
    const auto bytes = with_texts(100);
    const long before = peak_kib();
    EXPECT_EQ(largest_difference(decode_image(bytes, "x.png"), pixels_of("rgb.png")), 0);
    EXPECT_LT(peak_kib() - before, 100'000);  // kept they would be 700 MB
}

class LosslessGolden : public testing::TestWithParam<const char*> {};
TEST_P(LosslessGolden, DecodesExactlyAsPillow) {
    EXPECT_EQ(largest_difference(load_image(kGolden + GetParam()), pixels_of(GetParam())), 0);
}
INSTANTIATE_TEST_SUITE_P(Formats, LosslessGolden,
                         testing::Values("rgb.png", "gray.png", "bilevel.png", "palette.png", "palette_trns.png",
                                         "rgb_trns.png", "rgba.png", "gray_alpha.png", "rgb_16.png", "gray_16.png",
                                         "interlaced.png", "lossless.webp", "alpha.webp", "orientation_6.webp"));

// Two levels: the versions of libjpeg-turbo and libwebp that Pillow bundles may round colour conversion differently.
class LossyGolden : public testing::TestWithParam<const char*> {};
TEST_P(LossyGolden, DecodesAsPillowWithinTwoLevels) {
    EXPECT_LE(largest_difference(load_image(kGolden + GetParam()), pixels_of(GetParam())), 2);
}
INSTANTIATE_TEST_SUITE_P(Formats, LossyGolden,
                         testing::Values("rgb.jpg", "rgb_444.jpg", "progressive.jpg", "gray.jpg", "cmyk.jpg",
                                         "ycck.jpg", "orientation_1.jpg", "orientation_2.jpg", "orientation_3.jpg",
                                         "orientation_4.jpg", "orientation_5.jpg", "orientation_6.jpg",
                                         "orientation_7.jpg", "orientation_8.jpg", "lossy.webp"));

TEST(Decode, KeepsStoredOrientationWhenAsked) {
    const Image stored = load_image(kGolden + "orientation_6.jpg", {.apply_exif = false});
    EXPECT_EQ(stored, load_image(kGolden + "orientation_1.jpg"));
    EXPECT_NE(stored.width, load_image(kGolden + "orientation_6.jpg").width);
}

class Truncated : public testing::TestWithParam<const char*> {};
TEST_P(Truncated, IsRefusedAtEveryLength) {
    const auto bytes = read_file(kGolden + GetParam());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        // The exact copy lets a memory checker see any read past the end.
        EXPECT_NE(message_of({bytes.begin(), bytes.begin() + std::ptrdiff_t(size)}), "") << size << " bytes";
    }
}
INSTANTIATE_TEST_SUITE_P(Formats, Truncated,
                         testing::Values("rgb.jpg", "progressive.jpg", "gray.jpg", "cmyk.jpg", "orientation_6.jpg",
                                         "rgb.png", "palette_trns.png", "rgb_16.png", "interlaced.png", "lossy.webp",
                                         "lossless.webp", "alpha.webp", "orientation_6.webp"));

class Damaged : public testing::TestWithParam<const char*> {};
TEST_P(Damaged, NeverCrashesOnAFlippedByte) {
    const auto bytes = read_file(kGolden + GetParam());
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        auto damaged = bytes;
        damaged[at] ^= std::uint8_t(1U << at % 8);
        try {
            // A flipped size field must not cost the test machine its memory.
            const Image image = decode_image(damaged, "damaged", {.max_pixels = 1'000'000});
            EXPECT_EQ(image.rgb.size(), std::size_t(image.width) * std::size_t(image.height) * 3);
        } catch (const Error&) {
        }
    }
}
INSTANTIATE_TEST_SUITE_P(Formats, Damaged,
                         testing::Values("rgb.jpg", "progressive.jpg", "cmyk.jpg", "orientation_6.jpg",
                                         "palette_trns.png", "interlaced.png", "lossy.webp", "lossless.webp",
                                         "orientation_6.webp"));

TEST(Decode, RefusesAHugeHeaderBeforeAllocating) {
    auto jpeg = read_file(kGolden + "rgb.jpg");
    for (std::size_t i = 0; i + 8 < jpeg.size(); ++i) {
        if (jpeg[i] == 0xFF && jpeg[i + 1] == 0xC0) {  // start of frame: height, then width, big-endian
            jpeg[i + 5] = jpeg[i + 7] = 60000 >> 8;
            jpeg[i + 6] = jpeg[i + 8] = 60000 & 255;
            break;
        }
    }
    EXPECT_THAT(message_of(jpeg), HasSubstr("is 60000 x 60000 pixels, more than the limit of 100000000"));
    auto small = read_file(kGolden + "rgb.png");
    EXPECT_THAT(message_of(small, {.max_pixels = 550}), HasSubstr("29 x 19 pixels, more than the limit of 550"));
    EXPECT_EQ(message_of(small, {.max_pixels = 551}), "");
}

TEST(Decode, RefusesAPngThatCannotHoldItsPixels) {
    // 9000 x 9000 is within the pixel limit, but 243 MB cannot unpack from a file of this size.
    const std::uint8_t lie[] = {0x89, 'P',  'N',  'G',  '\r', '\n', 0x1A, '\n',  //
                                0,    0,    0,    13,   'I',  'H',  'D',  'R',  0, 0, 0x23, 0x28, 0,
                                0,    0x23, 0x28, 8,    2,    0,    0,    0,  //
                                0xE2, 0xB7, 0xE5, 0xED,                       //
                                0,    0,    0,    1,    'I',  'D',  'A',  'T',  0, 0, 0,    0,    0};
    EXPECT_THAT(message_of({std::begin(lie), std::end(lie)}), HasSubstr("9000 x 9000 pixels cannot fit in 46 bytes"));
}

TEST(Decode, RefusesAJpegOfEndlessScans) {
    const auto jpeg = read_file(kGolden + "progressive.jpg");
    // The first scan holds the DC terms: sent again, it only writes the same values again.
    std::size_t begin = 0, end = 0;
    for (std::size_t i = 2; i + 1 < jpeg.size() && end == 0; ++i) {
        if (jpeg[i] != 0xFF || jpeg[i + 1] == 0) continue;
        if (begin != 0) end = i;
        if (begin == 0 && jpeg[i + 1] == 0xDA) begin = i;
    }
    ASSERT_GT(end, begin);
    const auto at = [&](std::size_t offset) { return jpeg.begin() + std::ptrdiff_t(offset); };
    const auto repeated = [&](int times) {
        std::vector<std::uint8_t> bytes(jpeg.begin(), at(begin));
        for (int i = 0; i < times; ++i) bytes.insert(bytes.end(), at(begin), at(end));
        bytes.insert(bytes.end(), at(end), jpeg.end());
        return bytes;
    };
    EXPECT_EQ(message_of(repeated(20)), "");
    EXPECT_THAT(message_of(repeated(600)), HasSubstr("more than 500 scans"));
}

TEST(Decode, NamesWhatIsNotAPicture) {
    EXPECT_EQ(message_of({}), "x.png is empty (0 bytes)");
    const std::string text = "hello, this is text";
    EXPECT_EQ(message_of({text.begin(), text.end()}), "x.png is not a JPEG, PNG or WebP image");
    EXPECT_THAT(message_of(read_file(kGolden + "animated.webp")), HasSubstr("animated WebP"));
    EXPECT_THROW((void)load_image(kGolden + "no such file.jpg"), Error);
}

TEST(Decode, SaysNothingOnStderr) {
    testing::internal::CaptureStderr();
    for (const char* name : {"rgb.jpg", "rgb.png", "lossy.webp"}) {
        auto bytes = read_file(kGolden + name);
        bytes[bytes.size() / 2] ^= 0x55;
        (void)message_of(bytes);
        bytes.resize(bytes.size() / 2);
        (void)message_of(bytes);
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Exif, FallsBackToUprightOnDamagedBlocks) {
    const std::vector<std::uint8_t> block = {'E', 'x', 'i', 'f',  0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8,  //
                                             0,   1,   1,   0x12, 0, 3, 0,   0,   0, 1,  0, 6, 0, 0};
    EXPECT_EQ(exif_orientation(block), 6);
    for (std::size_t size = 0; size < block.size(); ++size) {
        EXPECT_EQ(exif_orientation(std::vector(block.begin(), block.begin() + std::ptrdiff_t(size))), 1) << size;
    }
    auto far = block;
    far[10] = 0xFF;  // the directory's offset points far outside
    EXPECT_EQ(exif_orientation(far), 1);
    auto nine = block;
    nine[25] = 9;
    EXPECT_EQ(exif_orientation(nine), 1);
    EXPECT_THROW((void)apply_orientation(Image(2, 2), 9), Error);
}

}  // namespace
}  // namespace vglaw
