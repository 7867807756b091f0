// Pictures: JPEG, PNG and WebP through the codecs, EXIF on the way.
#include "vglaw/image/decode.h"

#include "tests/fuzz/contract.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vglaw;
    for (const bool apply_exif : {false, true}) {
        fuzz::read_or_refuse([&] {
            const Image image = decode_image({data, size}, "input", {.apply_exif = apply_exif, .max_pixels = 1 << 18});
            fuzz::require(image.width > 0 && image.height > 0, "a picture has pixels");
            fuzz::require(image.rgb.size() == std::size_t(image.width) * std::size_t(image.height) * 3,
                          "a picture has three bytes a pixel");
        });
    }
    return 0;
}
