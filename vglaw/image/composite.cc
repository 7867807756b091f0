#include "vglaw/image/composite.h"

namespace vglaw {

void composite_on_white(const std::uint8_t* rgba, std::uint8_t* rgb, int pixels) {
    for (int i = 0; i < pixels; ++i, rgba += 4, rgb += 3) {
        const int alpha = rgba[3];
        for (int c = 0; c < 3; ++c) {
            const int sum = rgba[c] * alpha + 255 * (255 - alpha) + 128;
            rgb[c] = std::uint8_t((sum + (sum >> 8)) >> 8);
        }
    }
}

}  // namespace vglaw
