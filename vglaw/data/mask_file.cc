#include "vglaw/data/mask_file.h"

#include "vglaw/image/decode.h"

namespace vglaw {

Mask read_mask_file(const std::filesystem::path& path) {
    const Image picture = load_image(path, {.apply_exif = false});
    Mask mask(picture.height, picture.width);
    for (std::size_t i = 0; i < mask.pixels.size(); ++i) {
        const std::uint8_t* rgb = picture.rgb.data() + 3 * i;
        mask.pixels[i] = rgb[0] != 0 || rgb[1] != 0 || rgb[2] != 0 ? 1 : 0;
    }
    return mask;
}

}  // namespace vglaw
