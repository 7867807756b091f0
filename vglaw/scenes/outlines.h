// The outline of each shape as a signed distance. Only + - * / and square roots: the same bits on any machine.
#pragma once

#include "vglaw/scenes/plane.h"

namespace vglaw::shapes {

// Each takes a point in the shape's own frame (centre 0, y down, the shape within the circle of radius 1 or a little
// more) and returns a distance in the same unit, negative inside. Near corners it is a lower bound; antialiasing needs
// no more.

struct Ball {
    float operator()(float x, float y) const { return length(x, y) - 1.0F; }
};

/// Cabinet projection of a cube: a square face in front, the top and the right side behind it.
struct Cube {
    static constexpr float half = 0.55F, depth = 0.34F;
    float operator()(float x, float y) const {
        constexpr float reach = half + depth / 2;
        const float box = larger(absolute(x), absolute(y)) - reach;
        return larger(box, (absolute(x + y) - 2 * half) * 0.70710678F);
    }
};

struct Triangle {
    float operator()(float x, float y) const {
        const float slanted = absolute(x) * 0.8660254F - y * 0.5F - 0.5F;
        return larger(slanted, y - 0.5F);
    }
};

struct Star {
    float operator()(float x, float y) const {
        fold_five(x, y);
        // Edge from the tip (0, -1) to the notch 0.46 * (sin 36, -cos 36).
        constexpr float notch_x = 0.46F * 0.58778525F, notch_y = -0.46F * 0.80901699F;
        constexpr float ex = notch_x, ey = notch_y + 1.0F;
        constexpr float inverse = 1.4659F;  // 1 / length(ex, ey)
        return (ey * x - ex * (y + 1.0F)) * inverse;
    }
};

struct Diamond {
    float operator()(float x, float y) const {
        // Half-width 0.68, half-height 1.
        return (absolute(x) + 0.68F * absolute(y) - 0.68F) * 0.8269F;
    }
};

/// A square on its corner and a circle on each of its upper sides.
struct Heart {
    float operator()(float x, float y) const {
        constexpr float h = 0.79F;
        x = absolute(x);
        y -= 0.09F;
        const float square = (x + absolute(y) - h) * 0.70710678F;
        const float circle = length(x - h / 2, y + h / 2) - h * 0.70710678F;
        return lesser(square, circle);
    }
};

struct Ring {
    static constexpr float middle = 0.73F, half = 0.27F;
    float operator()(float x, float y) const { return absolute(length(x, y) - middle) - half; }
};

struct Cross {
    float operator()(float x, float y) const {
        x = absolute(x);
        y = absolute(y);
        return lesser(larger(x - 0.96F, y - 0.29F), larger(y - 0.96F, x - 0.29F));
    }
};

struct Hexagon {
    float operator()(float x, float y) const {
        x = absolute(x);
        y = absolute(y);
        return larger(y, x * 0.8660254F + y * 0.5F) - 0.866F;
    }
};

struct Moon {
    float operator()(float x, float y) const { return larger(length(x, y) - 1.0F, 0.80F - length(x - 0.50F, y)); }
};

/// A can seen from slightly above: straight sides, elliptic ends.
struct Cylinder {
    static constexpr float half_width = 0.60F, half_height = 0.68F, ellipse = 0.22F;
    static float end(float x, float y) {
        // Value over gradient: a plain scaling would widen the soft edge four times where the ellipse is pointed.
        const float u = x / half_width, v = y / ellipse;
        const float value = length(u, v);
        return (value - 1.0F) * value / (length(u / half_width, v / ellipse) + 1e-6F);
    }
    float operator()(float x, float y) const {
        const float body = larger(absolute(x) - half_width, absolute(y) - half_height);
        return lesser(body, end(x, absolute(y) - half_height));
    }
};

struct Flower {
    float operator()(float x, float y) const {
        fold_five(x, y);
        return lesser(length(x, y + 0.62F) - 0.38F, length(x, y) - 0.45F);
    }
};

}  // namespace vglaw::shapes
