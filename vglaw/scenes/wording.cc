#include "vglaw/scenes/wording.h"

#include <algorithm>
#include <array>

namespace vglaw {
namespace {

using Words = std::span<const Wording>;

constexpr Wording ball[] = {{"ball", 6}, {"sphere", 2}, {"circle", 2}};
constexpr Wording cube[] = {{"cube", 5}, {"square", 3}, {"box", 2}, {"block", 2}};
constexpr Wording triangle[] = {{"triangle"}};
constexpr Wording star[] = {{"star"}};
constexpr Wording diamond[] = {{"diamond"}};
constexpr Wording heart[] = {{"heart"}};
constexpr Wording ring[] = {{"ring", 6}, {"donut", 2}, {"hoop", 1}};
constexpr Wording cross[] = {{"cross", 6}, {"plus", 2}, {"plus sign", 1}};
constexpr Wording hexagon[] = {{"hexagon"}};
constexpr Wording moon[] = {{"moon", 5}, {"crescent", 4}};
constexpr Wording cylinder[] = {{"cylinder", 5}, {"can", 3}, {"drum", 1}};
constexpr Wording flower[] = {{"flower", 6}, {"blossom", 1}};
constexpr std::array<Words, 12> shape_words = {ball, cube,  triangle, star, diamond,  heart,
                                               ring, cross, hexagon,  moon, cylinder, flower};

constexpr Wording red[] = {{"red"}};
constexpr Wording orange[] = {{"orange"}};
constexpr Wording yellow[] = {{"yellow"}};
constexpr Wording green[] = {{"green"}};
constexpr Wording blue[] = {{"blue"}};
constexpr Wording purple[] = {{"purple", 4}, {"violet", 1}};
constexpr Wording pink[] = {{"pink"}};
constexpr Wording brown[] = {{"brown"}};
constexpr Wording white[] = {{"white"}};
constexpr Wording black[] = {{"black"}};
constexpr Wording gray[] = {{"gray", 3}, {"grey", 2}};
constexpr Wording cyan[] = {{"cyan", 3}, {"turquoise", 2}, {"teal", 1}};
constexpr std::array<Words, 12> colour_words = {red,  orange, yellow, green, blue, purple,
                                                pink, brown,  white,  black, gray, cyan};

constexpr Wording small[] = {{"small", 6}, {"little", 3}, {"tiny", 2}};
constexpr Wording medium[] = {{"medium", 3}, {"medium sized", 2}};
constexpr Wording large[] = {{"large", 4}, {"big", 5}, {"huge", 1}};
constexpr std::array<Words, 3> size_words = {small, medium, large};

constexpr Wording plain[] = {{"plain", 3}, {"solid", 2}};
constexpr Wording striped[] = {{"striped", 5}, {"stripy", 1}};
constexpr Wording dotted[] = {{"dotted", 3}, {"spotted", 2}};
constexpr std::array<Words, 3> pattern_words = {plain, striped, dotted};
constexpr Wording with_stripes[] = {{"with stripes"}};
constexpr Wording with_dots[] = {{"with dots", 3}, {"with spots", 1}};

constexpr Wording anything[] = {{"one", 5}, {"thing", 2}, {"object", 2}, {"shape", 2}};
constexpr Wording anything_named[] = {{"one", 1}, {"thing", 3}, {"object", 3}, {"shape", 2}};

constexpr std::array<std::string_view, 6> ranks = {"first", "second", "third", "fourth", "fifth", "sixth"};
constexpr std::array<std::string_view, 6> rank_digits = {"1st", "2nd", "3rd", "4th", "5th", "6th"};

constexpr std::array<std::string_view, 62> place_words = {
    "above",  "across",  "adjacent", "around",  "at",       "back",     "behind",    "below",      "beneath",
    "beside", "between", "bottom",   "by",      "center",   "close",    "closest",   "corner",     "direction",
    "down",   "edge",    "end",      "far",     "farthest", "fifth",    "first",     "fourth",     "from",
    "front",  "here",    "highest",  "in",      "left",     "leftmost", "lower",     "lowest",     "middle",
    "near",   "nearest", "next",     "on",      "over",     "right",    "rightmost", "second",     "side",
    "sixth",  "third",   "top",      "topmost", "touching", "toward",   "under",     "underneath", "up",
    "upper",  "1st",     "2nd",      "3rd",     "4th",      "5th",      "6th",       "bottommost"};

}  // namespace

std::string_view pick_wording(Rng& rng, std::span<const Wording> choices) {
    int total = 0;
    for (const Wording& choice : choices) total += choice.weight;
    int left = rng.uniform_int(0, total - 1);
    for (const Wording& choice : choices) {
        left -= choice.weight;
        if (left < 0) return choice.text;
    }
    return choices.back().text;
}

std::string_view pick_wording(Rng& rng, std::initializer_list<Wording> choices) {
    return pick_wording(rng, std::span<const Wording>(choices.begin(), choices.size()));
}

std::string_view say(Shape shape, Rng& rng) { return pick_wording(rng, shape_words[std::size_t(shape)]); }
std::string_view say(Colour colour, Rng& rng) { return pick_wording(rng, colour_words[std::size_t(colour)]); }
std::string_view say(SizeClass size, Rng& rng) { return pick_wording(rng, size_words[std::size_t(size)]); }
std::string_view say(Pattern pattern, Rng& rng) { return pick_wording(rng, pattern_words[std::size_t(pattern)]); }

std::string_view say_after(Pattern pattern, Rng& rng) {
    if (pattern == Pattern::plain) return {};
    return pattern == Pattern::striped ? pick_wording(rng, with_stripes) : pick_wording(rng, with_dots);
}

std::string_view say_anything(bool after_the, Rng& rng) {
    return after_the ? pick_wording(rng, anything_named) : pick_wording(rng, anything);
}

std::string_view say_rank(int rank, bool digits) {
    const auto index = std::size_t(std::clamp(rank, 1, int(ranks.size())) - 1);
    return digits ? rank_digits[index] : ranks[index];
}

bool is_place_word(std::string_view word) {
    return std::find(place_words.begin(), place_words.end(), word) != place_words.end();
}

}  // namespace vglaw
