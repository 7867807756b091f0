#include "vglaw/data/mask_file.h"

#include <algorithm>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"
#include "vglaw/image/decode.h"

namespace vglaw {

Mask read_mask_file(const std::filesystem::path& path) {
    const DecodeOptions options{.apply_exif = false, .labels = true};
    const auto bytes = read_file(path, options.max_file_bytes);
    const bool jpeg = bytes.size() > 2 && bytes[0] == 0xFF && bytes[1] == 0xD8;
    const std::uint8_t least = jpeg ? 128 : 1;
    const Image picture = decode_image(bytes, path.string(), options);
    Mask mask(picture.height, picture.width);
    bool any = false;
    for (std::size_t i = 0; i < mask.pixels.size(); ++i) {
        const std::uint8_t* rgb = picture.rgb.data() + 3 * i;
        const bool set = std::max({rgb[0], rgb[1], rgb[2]}) >= least;
        mask.pixels[i] = set ? 1 : 0;
        any = any || set;
    }
    if (!any)
        fail(ErrorCode::corrupt_data, "the mask {} is black all over; it is to be bright where the object is",
             path.string());
    return mask;
}

}  // namespace vglaw
