// Plane geometry for outlines, from operations that give the same bits on any machine.
#pragma once

#include <cmath>

namespace vglaw::shapes {

inline float length(float x, float y) { return std::sqrt(x * x + y * y); }
inline float larger(float a, float b) { return a > b ? a : b; }
inline float lesser(float a, float b) { return a < b ? a : b; }
inline float absolute(float a) { return a < 0 ? -a : a; }

/// Folds the plane five times onto the wedge around "up", the wedge of one star tip or petal.
inline void fold_five(float& x, float& y) {
    constexpr float nx = 0.80901699F, ny = 0.58778525F;  // normal of the mirror at 36 degrees from up, y down
    for (int i = 0; i < 2; ++i) {
        x = absolute(x);
        const float beyond = larger(nx * x + ny * y, 0.0F);
        x -= 2 * beyond * nx;
        y -= 2 * beyond * ny;
    }
    x = absolute(x);
}

}  // namespace vglaw::shapes
