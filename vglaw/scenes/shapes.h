// From a shape's name to its outline.
#pragma once

#include "vglaw/scenes/outlines.h"
#include "vglaw/scenes/scene.h"

namespace vglaw::shapes {

/// Calls `visitor` with the functor of the shape, so that loops over pixels have the outline inlined.
template <typename Visitor>
decltype(auto) visit(Shape shape, Visitor&& visitor) {
    switch (shape) {
        case Shape::ball:
            return visitor(Ball{});
        case Shape::cube:
            return visitor(Cube{});
        case Shape::triangle:
            return visitor(Triangle{});
        case Shape::star:
            return visitor(Star{});
        case Shape::diamond:
            return visitor(Diamond{});
        case Shape::heart:
            return visitor(Heart{});
        case Shape::ring:
            return visitor(Ring{});
        case Shape::cross:
            return visitor(Cross{});
        case Shape::hexagon:
            return visitor(Hexagon{});
        case Shape::moon:
            return visitor(Moon{});
        case Shape::cylinder:
            return visitor(Cylinder{});
        default:
            return visitor(Flower{});
    }
}

/// The circle of this many radii holds every shape.
inline constexpr float reach = 1.06F;

}  // namespace vglaw::shapes
