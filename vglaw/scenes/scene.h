// What is in a generated picture: objects with exact attributes and places, before any pixel is drawn.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace vglaw {

enum class Shape : std::uint8_t {
    ball,
    cube,
    triangle,
    star,
    diamond,
    heart,
    ring,
    cross,
    hexagon,
    moon,
    cylinder,
    flower,
};
enum class Colour : std::uint8_t {
    red,
    orange,
    yellow,
    green,
    blue,
    purple,
    pink,
    brown,
    white,
    black,
    gray,
    cyan,
};
/// Classes with clear gaps: the radius is 0.078-0.090, 0.115-0.132 or 0.168-0.190 of the picture's short side.
enum class SizeClass : std::uint8_t { small, medium, large };
enum class Pattern : std::uint8_t { plain, striped, dotted };

inline constexpr std::array<std::string_view, 12> shape_names = {
    "ball", "cube", "triangle", "star", "diamond", "heart", "ring", "cross", "hexagon", "moon", "cylinder", "flower"};
inline constexpr std::array<std::string_view, 12> colour_names = {"red",  "orange", "yellow", "green", "blue", "purple",
                                                                  "pink", "brown",  "white",  "black", "gray", "cyan"};
inline constexpr std::array<std::string_view, 3> size_names = {"small", "medium", "large"};
inline constexpr std::array<std::string_view, 3> pattern_names = {"plain", "striped", "dotted"};

[[nodiscard]] constexpr std::string_view name_of(Shape value) { return shape_names[std::size_t(value)]; }
[[nodiscard]] constexpr std::string_view name_of(Colour value) { return colour_names[std::size_t(value)]; }
[[nodiscard]] constexpr std::string_view name_of(SizeClass value) { return size_names[std::size_t(value)]; }
[[nodiscard]] constexpr std::string_view name_of(Pattern value) { return pattern_names[std::size_t(value)]; }

/// At most this many objects in a picture: sets of objects are 32-bit masks.
inline constexpr int max_scene_objects = 32;

struct SceneObject {
    Shape shape = Shape::ball;
    Colour colour = Colour::red;
    SizeClass size = SizeClass::small;
    Pattern pattern = Pattern::plain;
    float cx = 0, cy = 0;             ///< centre, pixels (a pixel column i spans [i, i + 1])
    float radius = 0;                 ///< of the circle around the whole shape, pixels
    float cosine = 1, sine = 0;       ///< rotation, clockwise on the screen
    std::uint32_t look = 0;           ///< seed of what has no name: tint, direction and phase of the pattern
    float visible = 1;                ///< share of the shape that no object in front hides, (0, 1]
    std::uint32_t hides = 0;          ///< bit j: hides more than 5 % of object j
    std::uint32_t hides_clearly = 0;  ///< bit j: more than 8 %
    std::uint32_t hides_perhaps = 0;  ///< bit j: hides any of it
};

/// Objects are in depth order: a later one lies in front of an earlier one.
struct Scene {
    int width = 0, height = 0;          ///< pixels
    std::uint64_t background_seed = 0;  ///< colours and texture behind the objects
    std::vector<SceneObject> objects;

    [[nodiscard]] float short_side() const { return float(width < height ? width : height); }
};

}  // namespace vglaw
