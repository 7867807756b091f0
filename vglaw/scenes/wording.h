// The words that stand for attributes and places: synonyms with their weights.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>

#include "vglaw/core/rng.h"
#include "vglaw/scenes/program.h"
#include "vglaw/scenes/scene.h"

namespace vglaw {

/// The four data sets whose language is mirrored. "refcoco": short, place words; "refcoco+": no place words at all;
/// "refcocog": sentences of 8 words or more with relations; "refclef": terse.
enum class Style : std::uint8_t { refcoco, refcoco_plus, refcocog, refclef };
inline constexpr std::array<std::string_view, 4> style_names = {"refcoco", "refcoco+", "refcocog", "refclef"};

struct Wording {
    std::string_view text;
    int weight = 1;
};

/// One of them, as often as its weight says.
[[nodiscard]] std::string_view pick_wording(Rng& rng, std::span<const Wording> choices);
[[nodiscard]] std::string_view pick_wording(Rng& rng, std::initializer_list<Wording> choices);

[[nodiscard]] std::string_view say(Shape shape, Rng& rng);
[[nodiscard]] std::string_view say(Colour colour, Rng& rng);
[[nodiscard]] std::string_view say(SizeClass size, Rng& rng);
/// An adjective ("striped").
[[nodiscard]] std::string_view say(Pattern pattern, Rng& rng);
/// What follows the noun ("with stripes"); empty for plain.
[[nodiscard]] std::string_view say_after(Pattern pattern, Rng& rng);
/// A noun for anything: "one", "thing", ...
[[nodiscard]] std::string_view say_anything(bool after_the, Rng& rng);
/// "first" ... "fifth", or "1st" ...; rank from 1.
[[nodiscard]] std::string_view say_rank(int rank, bool digits);

/// Whether a word speaks of a place or a spatial relation; none of them may appear in the refcoco+ style.
[[nodiscard]] bool is_place_word(std::string_view word);

}  // namespace vglaw
