// Expressions that name a place in the picture.
#include "vglaw/scenes/phrase_maker.h"

#include <array>

namespace vglaw {
namespace {

constexpr std::array<std::string_view, 4> side_names = {"left", "right", "top", "bottom"};

/// Puts the name of a side or corner where the pattern has '@'.
std::string with_side(std::string_view pattern, std::string_view side) {
    std::string text;
    for (const char c : pattern) {
        if (c == '@') {
            text += side;
        } else {
            text += c;
        }
    }
    return text;
}

/// Whether the wording claims the very edge of the picture, not just the side of it.
bool claims_edge(std::string_view pattern) {
    return pattern.find("far @") != std::string_view::npos || pattern.find("very @") != std::string_view::npos;
}

/// Whether the object's centre lies in the outer quarter at that side.
bool at_edge(const Scene& scene, const SceneObject& object, Direction direction) {
    const float x = object.cx / float(scene.width), y = object.cy / float(scene.height);
    switch (direction) {
        case Direction::left:
            return x < 0.25F;
        case Direction::right:
            return x > 0.75F;
        case Direction::top:
            return y < 0.25F;
        default:
            return y > 0.75F;
    }
}

}  // namespace

std::optional<Draft> PhraseMaker::extreme() {
    const auto direction = Direction(rng_.uniform_int(0, 3));
    const std::string_view side = side_names[std::size_t(direction)];
    const bool sideways = direction == Direction::left || direction == Direction::right;
    const bool edge = at_edge(scene_, scene_.objects[std::size_t(object_)], direction);
    if (place_alone()) {
        const int at = sentence_.filter(Op::region, int(direction), sentence_.filter(Op::extreme, int(direction), 0));
        const auto pattern = sideways ? pick_wording(rng_, {{"far @", 3}, {"@", 1}, {"on the far @", 1}})
                                      : pick_wording(rng_, {{"very @", 2}, {"@", 2}, {"at the very @", 1}});
        if (claims_edge(pattern) && !edge) return std::nullopt;
        return Draft{with_side(pattern, side), at};
    }
    const auto [noun, set, redundant] = target();
    int at = sentence_.filter(Op::extreme, int(direction), set);
    const bool superlative = style_ != Style::refcocog && rng_.chance(0.15);
    std::string_view pattern;
    if (superlative) {
        switch (direction) {
            case Direction::left:
                return Draft{sentence_.definite_article("leftmost " + noun), at, redundant};
            case Direction::right:
                return Draft{sentence_.definite_article("rightmost " + noun), at, redundant};
            case Direction::top:
                pattern = pick_wording(rng_, {{"highest %", 2}, {"topmost %", 1}});
                break;
            default:
                pattern = "lowest %";
                break;
        }
        return Draft{sentence_.definite_article(fill(pattern, {noun})), at, redundant};
    }
    at = sentence_.filter(Op::region, int(direction), at);
    if (style_ == Style::refcocog) {
        pattern = sideways ? pick_wording(rng_, {{"% that is farthest to the @ in the picture", 3},
                                                 {"% on the far @ side of the picture", 3},
                                                 {"% that is on the far @ side", 2},
                                                 {"% closest to the @ edge of the image", 2}})
                           : pick_wording(rng_, {{"% that is nearest to the @ of the picture", 3},
                                                 {"% at the very @ of the picture", 3},
                                                 {"% that is closest to the @ edge", 2}});
    } else if (style_ == Style::refclef) {
        pattern = sideways ? pick_wording(rng_, {{"% @", 4}, {"@ %", 4}, {"% on @", 2}, {"% far @", 1}})
                           : pick_wording(rng_, {{"% @", 3}, {"@ %", 4}, {"% at @", 1}});
    } else {
        pattern =
            sideways
                ? pick_wording(rng_, {{"@ %", 6},
                                      {"% on the @", 4},
                                      {"% on @", 3},
                                      {"% to the @", 1},
                                      {"far @ %", 2},
                                      {"% on far @", 1},
                                      {"% on the far @", 1},
                                      {"% @ side", 1},
                                      {"% on the @ side", 1}})
                : pick_wording(rng_, {{"@ %", 6}, {"% at the @", 3}, {"% on the @", 2}, {"% at @", 1}, {"% on @", 1}});
    }
    if (claims_edge(pattern) && !edge) return std::nullopt;
    return Draft{sentence_.definite_article(fill(with_side(pattern, side), {noun})), at, redundant, true};
}

std::optional<Draft> PhraseMaker::corner() {
    const bool alone = place_alone();
    const auto [noun, set, redundant] = alone ? Target{} : target();
    const auto region = Region(rng_.uniform_int(int(Region::top_left), int(Region::bottom_right)));
    const bool top = region == Region::top_left || region == Region::top_right;
    const bool left = region == Region::top_left || region == Region::bottom_left;
    const int at = sentence_.filter(Op::region, int(region), set);
    std::string place(top ? pick_wording(rng_, {{"top", 3}, {"upper", 2}})
                          : pick_wording(rng_, {{"bottom", 3}, {"lower", 2}}));
    place += left ? " left" : " right";
    if (alone) return Draft{with_side(pick_wording(rng_, {{"@", 3}, {"@ corner", 1}}), place), at};
    const std::string_view pattern =
        style_ == Style::refcocog ? pick_wording(rng_, {{"% in the @ corner of the picture", 3},
                                                        {"% in the @ part of the image", 2},
                                                        {"% that is located in the @", 1}})
        : style_ == Style::refclef
            ? pick_wording(rng_, {{"% @", 3}, {"@ %", 3}})
            : pick_wording(rng_,
                           {{"@ %", 5}, {"% @", 2}, {"% in the @", 2}, {"% in the @ corner", 2}, {"@ corner %", 1}});
    return Draft{sentence_.definite_article(fill(with_side(pattern, place), {noun})), at, redundant};
}

std::optional<Draft> PhraseMaker::ordinal() {
    const auto [noun, set, redundant] = target();
    if (redundant) return std::nullopt;
    const auto direction = Direction(rng_.uniform_int(0, 9) < 8 ? rng_.uniform_int(0, 1) : rng_.uniform_int(2, 3));
    const int rank = rng_.chance(0.7) ? 2 : rng_.uniform_int(1, 5);
    const int at = sentence_.add({.op = Op::ordinal, .value = int(direction), .input = set, .rank = rank});
    const std::string_view pattern =
        style_ == Style::refcocog
            ? pick_wording(rng_, {{"% % from the @ in the picture", 3}, {"% % counting from the @ of the image", 1}})
        : style_ == Style::refclef ? std::string_view("% % from @")
                                   : pick_wording(rng_, {{"% % from the @", 4}, {"% % from @", 4}});
    const std::string_view number = say_rank(rank, style_ != Style::refcocog && rng_.chance(0.25));
    return Draft{
        sentence_.definite_article(fill(with_side(pattern, side_names[std::size_t(direction)]), {number, noun})), at};
}

std::optional<Draft> PhraseMaker::middle() {
    const auto [noun, set, redundant] = target();
    int at = 0;
    if (!redundant && rng_.chance(0.5)) {
        at = sentence_.filter(Op::middle, rng_.chance(0.75) ? int(Direction::left) : int(Direction::top), set);
    } else {
        at = sentence_.filter(Op::extreme, int(Direction::centre), set);
    }
    at = sentence_.filter(Op::region, int(Region::middle), at);
    const std::string_view pattern =
        style_ == Style::refclef
            ? pick_wording(rng_, {{"middle %", 3}, {"% middle", 2}, {"center %", 2}})
            : pick_wording(rng_, {{"middle %", 4}, {"% in the middle", 4}, {"center %", 2}, {"% in the center", 1}});
    return Draft{sentence_.definite_article(fill(pattern, {noun})), at, redundant};
}

bool PhraseMaker::place_alone() { return (style_ == Style::refcoco || style_ == Style::refclef) && rng_.chance(0.08); }

}  // namespace vglaw
