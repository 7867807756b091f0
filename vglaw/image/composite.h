// Transparency put away.
#pragma once

#include <cstdint>

namespace vglaw {

/// One row of RGBA over white -> RGB; rounded to nearest.
void composite_on_white(const std::uint8_t* rgba, std::uint8_t* rgb, int pixels);

}  // namespace vglaw
