// Words that say where in the picture something is: which ones a mirror swaps, which ones a crop makes false.
#pragma once

#include <string>
#include <string_view>

namespace vglaw {

/// Swaps left and right in whole words and keeps their case: left, leftmost, lefthand(ed), leftside, leftward(s),
/// lefty, leftie, lefter, leftest, leftish, lefts and their like with `right`, also after a place ("topleft",
/// "farright", "bottomrightmost"). A word is a run of letters, so "left-hand", "left's" and "left2" change too;
/// "bright", "upright", "cleft" and "leftover" never do. The published port replaces substrings, which turns "bright"
/// into "bleft".
[[nodiscard]] std::string swap_sides(std::string_view expression);

/// True when mirroring the picture keeps the expression true after swap_sides. False where a side has no word to swap
/// ("lft", "rt", "l", "r", "clockwise", "o clock", "east", "west" and their inflections), and where "right" may not be
/// a side at all ("right next to", "right behind", "right in front of"): those examples are not mirrored.
[[nodiscard]] bool can_flip(std::string_view expression);

/// True when a word names a place in the picture: every word that swap_sides changes or can_flip refuses, and top,
/// bottom, middle, mid, center, centre, central, upper, lower, corner with their plurals and -most forms.
[[nodiscard]] bool names_a_side(std::string_view expression);

}  // namespace vglaw
