// EXIF's orientation: a bad block costs the orientation, never the picture.
#include "vglaw/image/exif.h"

#include "tests/fuzz/contract.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const int orientation = vglaw::exif_orientation({data, size});
    vglaw::fuzz::require(orientation >= 1 && orientation <= 8, "an orientation is 1 to 8");
    return 0;
}
