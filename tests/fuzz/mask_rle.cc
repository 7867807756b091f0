// COCO's run lengths, compressed and plain. The input: a kind, height, width, then the runs.
#include "tests/fuzz/contract.h"
#include "tests/fuzz/input_bytes.h"
#include "vglaw/geometry/masks.h"

namespace {

// Sizes around what a reader lets through, negative ones too, without a gigabyte of pixels a run.
int side(vglaw::fuzz::InputBytes& input) { return input.take<std::int16_t>() % 1024; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vglaw;
    fuzz::InputBytes input(data, size);
    const bool compressed = (input.take<std::uint8_t>() & 1) == 0;
    const int height = side(input), width = side(input);
    fuzz::read_or_refuse([&] {
        Rle rle{height, width, {}};
        if (compressed) {
            rle = from_coco_string(input.text(), height, width);
        } else {
            while (input.size() > 0) rle.counts.push_back(input.take<std::uint32_t>());
        }
        const Mask mask = decode(rle);
        fuzz::require(area(mask) == area(rle), "a mask has the area of its runs");
        const Rle again = encode(mask);
        fuzz::require(decode(again) == mask, "a mask survives its runs");
        fuzz::require(from_coco_string(to_coco_string(rle), height, width) == rle, "runs survive their text");
        const Rle both[] = {rle, again};
        fuzz::require(decode(merge(both)) == mask, "a mask united with itself is itself");
    });
    return 0;
}
