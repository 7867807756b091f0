// The meaning of an expression: a small program over sets of objects that ends with the one referent.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "vglaw/scenes/scene.h"

namespace vglaw {

enum class Op : std::uint8_t {
    scene,  ///< all objects
    shape,  ///< of the input, those of one shape; likewise the next three
    colour,
    size,
    pattern,
    not_colour,  ///< those not of the colour
    hidden,      ///< those partly behind another object
    region,      ///< those whose centre lies in a part of the picture
    extreme,     ///< the one farthest in a direction, or nearest to the picture's centre
    ordinal,     ///< the rank-th (from 1) counted from a side
    middle,      ///< the middle one of an odd number, counted along the axis of a direction
    largest,     ///< those of the largest size class in the input; likewise smallest
    smallest,
    relate,   ///< those that stand in a relation to the one anchor, the anchor itself left out
    between,  ///< those between two anchors
    unique,   ///< the input if it is exactly one object, else nothing
};
enum class Region : std::uint8_t { left, right, top, bottom, top_left, top_right, bottom_left, bottom_right, middle };
enum class Direction : std::uint8_t { left, right, top, bottom, centre };
enum class Relation : std::uint8_t {
    left_of,
    right_of,
    above,
    below,
    nearest_to,   ///< of the input, the one whose centre is nearest to the anchor's
    in_front_of,  ///< hides a part of the anchor
    behind,       ///< partly hidden by the anchor
    larger_than,  ///< by size class
    smaller_than,
    same_colour,
};

inline constexpr std::array<std::string_view, 16> op_names = {
    "scene",         "filter_shape", "filter_colour", "filter_size", "filter_pattern", "filter_not_colour",
    "filter_hidden", "region",       "extreme",       "ordinal",     "middle",         "largest",
    "smallest",      "relate",       "between",       "unique"};
inline constexpr std::array<std::string_view, 9> region_names = {
    "left", "right", "top", "bottom", "top left", "top right", "bottom left", "bottom right", "middle"};
inline constexpr std::array<std::string_view, 5> direction_names = {"left", "right", "top", "bottom", "centre"};
inline constexpr std::array<std::string_view, 10> relation_names = {
    "left_of",     "right_of", "above",       "below",        "nearest_to",
    "in_front_of", "behind",   "larger_than", "smaller_than", "same_colour"};

/// One step; input and anchors are indices of earlier steps. `value` is the enum that the op speaks of.
struct Step {
    Op op = Op::scene;
    int value = 0;
    int input = -1, anchor = -1, second_anchor = -1;
    int rank = 0;
    friend bool operator==(const Step&, const Step&) = default;
};
using Program = std::vector<Step>;  ///< the last step is the result

/// Indices of the objects that the program finds, taking each word at its plain definition. Throws invalid_argument
/// when a step refers to a later one or holds a value outside its enum.
[[nodiscard]] std::vector<int> resolve(const Program& program, const Scene& scene);

/// The referent, if a person could not read the words otherwise: true of it by a clear margin, and clearly false of all
/// others
/// ("left of" needs a clear horizontal distance; "leftmost" a clear lead). Whenever it has a value, resolve() finds the
/// same.
[[nodiscard]] std::optional<int> resolve_clearly(const Program& program, const Scene& scene);

/// A list of {"op", "value", "input", "anchor", "second_anchor", "rank"}; keys without meaning for the op are left out.
[[nodiscard]] nlohmann::json to_json(const Program& program);
/// Throws corrupt_data on anything else than what to_json writes.
[[nodiscard]] Program program_from_json(const nlohmann::json& json);

}  // namespace vglaw
