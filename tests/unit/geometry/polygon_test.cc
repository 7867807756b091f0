#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "vglaw/core/error.h"
#include "vglaw/core/rng.h"
#include "vglaw/geometry/masks.h"

namespace vglaw {
namespace {

// Equal to the last bit: the scheme is integer, and a mask that differs by a pixel differs in IoU.
TEST(Polygon, RasterizesBitEqualToPycocotools) {
    std::ifstream golden(VGLAW_SOURCE_DIR "/tests/golden/geometry/polygons.jsonl");
    std::string line;
    int objects = 0;
    while (std::getline(golden, line)) {
        const auto object = nlohmann::json::parse(line);
        const int height = object["size"][0], width = object["size"][1];
        std::vector<Rle> parts;
        for (std::size_t i = 0; i < object["polygons"].size(); ++i) {
            parts.push_back(rasterize(object["polygons"][i].get<Polygon>(), height, width));
            ASSERT_EQ(to_coco_string(parts.back()), object["parts"][i].get<std::string>()) << line;
        }
        ASSERT_EQ(to_coco_string(merge(parts)), object["merged"].get<std::string>()) << line;
        ASSERT_EQ(area(merge(parts)), object["area"].get<std::size_t>()) << line;
        ++objects;
    }
    EXPECT_EQ(objects, 400);
}

TEST(Polygon, CostsTheImageNotTheDistanceOfItsVertices) {
    // Without the skip this takes 10^10 samples.
    const std::vector<double> huge{-1e9, -1e9, 1e9, -1e9, 1e9, 1e9, -1e9, 1e9};
    EXPECT_EQ(area(rasterize(huge, 30, 40)), 1200u);
    // Coordinates beyond the documented limit are moved there, and still cover the image.
    const std::vector<double> absurd{-1e300, -1e300, 1e300, -1e300, 1e300, 1e300, -1e300, 1e300};
    EXPECT_EQ(area(rasterize(absurd, 30, 40)), 1200u);
    // Half the image below a steep far diagonal: 50 columns, one crossing each.
    const std::vector<double> diagonal{-1e8, -1e8, 1e8, 1e8, -1e8, 1e8};
    EXPECT_NEAR(double(area(rasterize(diagonal, 50, 50))), 1250.0, 26.0) << "within half a pixel a column";
}

TEST(Polygon, KeepsManyWildPointsWithinMemory) {
    Rng rng(6);
    std::vector<double> points(60000);
    for (double& c : points) c = rng.uniform(-100, 300);
    const Rle rle = rasterize(points, 200, 200);  // some 3 million crossings of 40000 pixels
    EXPECT_NO_THROW((void)decode(rle));
    EXPECT_LE(rle.counts.size(), 40001u);
}

TEST(Polygon, RefusesWhatIsNoPolygon) {
    const double nan = std::numeric_limits<double>::quiet_NaN(), infinite = std::numeric_limits<double>::infinity();
    EXPECT_THROW((void)rasterize(std::vector<double>{}, 4, 4), Error);
    EXPECT_THROW((void)rasterize(std::vector<double>{1, 1, 2, 2}, 4, 4), Error);
    EXPECT_THROW((void)rasterize(std::vector<double>{1, 1, 2, 2, 3, 1, 5}, 4, 4), Error);
    EXPECT_THROW((void)rasterize(std::vector<double>{1, 1, 2, nan, 3, 1}, 4, 4), Error);
    EXPECT_THROW((void)rasterize(std::vector<double>{1, 1, 2, 2, 3, -infinite}, 4, 4), Error);
    EXPECT_THROW((void)rasterize(std::vector<double>{1, 1, 2, 2, 3, 1}, -1, 4), Error);
    EXPECT_EQ(area(rasterize(std::vector<double>{1, 1, 2, 2, 3, 1}, 0, 4)), 0u);
}

}  // namespace
}  // namespace vglaw
