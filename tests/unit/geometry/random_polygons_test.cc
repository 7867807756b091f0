// Ten thousand random polygons against pycocotools: the same numbers make the same polygons here as in
// tools/golden/random_polygons.py, so that only digests of the answers are stored.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "vglaw/geometry/masks.h"

namespace vglaw {
namespace {

/// Knuth's linear congruential generator, upper half.
class Numbers {
public:
    explicit Numbers(std::uint64_t seed) : state_(seed) {}
    std::int64_t below(std::int64_t bound) {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return std::int64_t(state_ >> 32) % bound;
    }

private:
    std::uint64_t state_;
};

Polygon random_polygon(Numbers& numbers, int height, int width) {
    const auto kind = numbers.below(8);
    const auto points = 3 + numbers.below(8);
    const std::int64_t sides[2] = {width, height};
    Polygon polygon;
    const auto each = [&](auto coordinate) {
        for (std::int64_t point = 0; point < points; ++point) {
            for (int axis = 0; axis < 2; ++axis) polygon.push_back(coordinate(point, axis));
        }
    };
    switch (kind) {
        case 0:  // anywhere on the picture, two decimals as COCO has them; crosses itself more often than not
            each([&](auto, int axis) { return double(numbers.below(100 * sides[axis] + 1)) / 100; });
            break;
        case 1:  // over the edges
            each([&](auto, int axis) { return double(numbers.below(160 * sides[axis] + 1) - 30 * sides[axis]) / 100; });
            break;
        case 2:  // whole pixels
            each([&](auto, int axis) { return double(numbers.below(sides[axis] + 5) - 2); });
            break;
        case 3:  // quarters: on the boundaries where rounding decides
            each([&](auto, int axis) { return double(numbers.below(4 * sides[axis] + 17) - 8) / 4; });
            break;
        case 4: {  // smaller than a pixel or two
            const std::int64_t x = numbers.below(100 * sides[0] + 1), y = numbers.below(100 * sides[1] + 1);
            each([&](auto, int axis) { return double((axis == 0 ? x : y) + numbers.below(301) - 150) / 100; });
            break;
        }
        case 5:  // leaves the picture by a long way
            each([&](auto, int) { return double(numbers.below(40001) - 20000) / 10; });
            break;
        case 6: {  // a line there and back, or a point
            const std::int64_t x = numbers.below(100 * sides[0] + 1), y = numbers.below(100 * sides[1] + 1);
            std::int64_t step[2] = {0, 0};
            if (numbers.below(3) != 0) {
                step[0] = numbers.below(401) - 200;
                step[1] = numbers.below(401) - 200;
            }
            each([&](auto point, int axis) { return double((axis == 0 ? x : y) + point * step[axis]) / 100; });
            break;
        }
        default: {  // beside the picture
            std::int64_t away[2];
            for (int axis = 0; axis < 2; ++axis) {
                const std::int64_t side = sides[axis];
                away[axis] = numbers.below(2) != 0 ? side + numbers.below(3 * side) : -3 * side - numbers.below(side);
            }
            each([&](auto, int axis) {
                return double(away[axis]) + double(numbers.below(200 * sides[axis] + 1)) / 100;
            });
        }
    }
    return polygon;
}

std::uint64_t add_to_digest(std::uint64_t digest, const std::string& text) {  // FNV-1a
    for (const char c : text) digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
    return digest;
}

TEST(RandomPolygons, RasterizeBitEqualToPycocotoolsTenThousandTimes) {
    std::ifstream golden(VGLAW_SOURCE_DIR "/tests/golden/geometry/random_polygons.txt");
    Numbers numbers(2014);
    std::string expected;
    int blocks = 0;
    while (std::getline(golden, expected)) {
        std::uint64_t digest = 0xCBF29CE484222325U;
        for (int i = 0; i < 100; ++i) {
            const int height = int(1 + numbers.below(160)), width = int(1 + numbers.below(160));
            const Polygon polygon = random_polygon(numbers, height, width);
            digest = add_to_digest(digest, to_coco_string(rasterize(polygon, height, width)) + "\n");
        }
        ASSERT_EQ(fmt::format("{:016x}", digest), expected) << "polygons " << 100 * blocks << " and the 99 after it";
        ++blocks;
    }
    EXPECT_EQ(blocks, 100);
}

}  // namespace
}  // namespace vglaw
