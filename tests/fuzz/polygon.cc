// Polygons. The input: height, width, then coordinates as doubles.
#include <vector>

#include "tests/fuzz/contract.h"
#include "tests/fuzz/input_bytes.h"
#include "vglaw/geometry/masks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vglaw;
    fuzz::InputBytes input(data, size);
    const int height = input.take<std::int16_t>() % 512, width = input.take<std::int16_t>() % 512;
    std::vector<double> polygon;
    while (input.size() > 0) polygon.push_back(input.take<double>());
    fuzz::read_or_refuse([&] {
        const Rle rle = rasterize(polygon, height, width);
        const Mask mask = decode(rle);
        fuzz::require(area(mask) == area(rle), "a mask has the area of its runs");
    });
    return 0;
}
