// Expressions that speak of looks alone: colour, pattern, size, and what they share or exceed.
#include "vglaw/scenes/phrase_maker.h"

namespace vglaw {
std::optional<Draft> PhraseMaker::plain() {
    Mention mention = sentence_.random_mention(object_);
    if (!mention.shape && !mention.colour && !mention.pattern) mention.colour = true;
    const int at = sentence_.select(object_, mention);
    const bool more = mention.size || mention.colour || mention.pattern;
    std::string noun = sentence_.noun(object_, mention, true);
    if (style_ == Style::refcoco_plus && rng_.chance(0.08)) return Draft{"the only " + noun, at};
    const std::string text = sentence_.article(noun, false);
    return Draft{text, at, more && sentence_.count_alike(object_, {}) == 1};
}

std::optional<Draft> PhraseMaker::size() {
    Mention mention = sentence_.random_mention(object_);
    mention.size = false;
    const int alike = sentence_.count_alike(object_, mention);
    if (alike == 1) return std::nullopt;
    const bool large = scene_.objects[std::size_t(object_)].size == SizeClass::large || rng_.chance(0.3);
    const int at =
        sentence_.add({.op = large ? Op::largest : Op::smallest, .input = sentence_.select(object_, mention)});
    const std::string noun = sentence_.noun(object_, mention, true);
    std::string_view word;
    if (alike == 2 && style_ != Style::refcocog && rng_.chance(0.6)) {
        word = large ? pick_wording(rng_, {{"bigger", 3}, {"larger", 2}}) : std::string_view("smaller");
    } else {
        word = large ? pick_wording(rng_, {{"biggest", 3}, {"largest", 3}})
                     : pick_wording(rng_, {{"smallest", 5}, {"littlest", 1}});
    }
    if (style_ == Style::refcocog) {
        const auto pattern = pick_wording(rng_, {{"% % of all that can be seen", 1},
                                                 {"% % that you can see in the picture", 2},
                                                 {"% % in the whole picture", 2}});
        return Draft{"the " + fill(pattern, {word, noun}), at, false, true};
    }
    return Draft{sentence_.definite_article(std::string(word) + ' ' + noun), at};
}

std::optional<Draft> PhraseMaker::hidden() {
    const auto [noun, set, redundant] = target();
    const int at = sentence_.add({.op = Op::hidden, .input = set});
    const std::string_view pattern = pick_wording(
        rng_, {{"partly hidden %", 3}, {"% partly covered", 1}, {"% that is partly covered", 1}, {"half hidden %", 1}});
    return Draft{sentence_.article(fill(pattern, {noun}), false), at, redundant};
}

std::optional<Draft> PhraseMaker::same_colour() {
    Mention mention = sentence_.random_mention(object_);
    mention.colour = false;
    mention.shape = true;
    const int set = sentence_.select(object_, mention);
    const std::string noun = sentence_.noun(object_, mention, true);
    const int other = another();
    Mention mark;
    // The anchor must not name the colour that it lends.
    if (other < 0 || !sentence_.find_unique_mention(other, mark) || mark.colour) return std::nullopt;
    const Anchor anchor = anchor_of(other, mark);
    const int at =
        sentence_.add({.op = Op::relate, .value = int(Relation::same_colour), .input = set, .anchor = anchor.set});
    const std::string_view pattern =
        style_ == Style::refcocog
            ? pick_wording(rng_, {{"% that has the same color as %", 3}, {"% of the same color as %", 1}})
            : pick_wording(rng_, {{"% same color as %", 3}, {"% with the same color as %", 2}});
    return Draft{sentence_.article(fill(pattern, {noun, anchor.text}), false), at,
                 sentence_.count_alike(object_, mention) == 1, true};
}

std::optional<Draft> PhraseMaker::not_colour() {
    Mention mention = sentence_.random_mention(object_);
    mention.colour = false;
    mention.shape = true;
    const int other = another();
    if (other < 0 || sentence_.count_alike(object_, mention) == 1) return std::nullopt;
    const Colour colour = scene_.objects[std::size_t(other)].colour;
    const int at = sentence_.filter(Op::not_colour, int(colour), sentence_.select(object_, mention));
    const std::string noun = sentence_.noun(object_, mention, true);
    const std::string_view pattern = pick_wording(rng_, {{"% that is not %", 3}, {"% not %", 1}, {"% that isnt %", 1}});
    return Draft{sentence_.article(fill(pattern, {noun, say(colour, rng_)}), false), at};
}

std::optional<Draft> PhraseMaker::compared() {
    const auto [noun, set, redundant] = target();
    const Anchor anchor = simple_anchor();
    if (!anchor) return std::nullopt;
    const bool larger = rng_.chance(0.5);
    const int at = sentence_.add({.op = Op::relate,
                                  .value = int(larger ? Relation::larger_than : Relation::smaller_than),
                                  .input = set,
                                  .anchor = anchor.set});
    const std::string_view word =
        larger ? pick_wording(rng_, {{"bigger", 3}, {"larger", 2}}) : std::string_view("smaller");
    const std::string_view pattern = style_ == Style::refcocog || rng_.chance(0.3)
                                         ? std::string_view("% that is % than %")
                                         : std::string_view("% % than %");
    return Draft{sentence_.article(fill(pattern, {noun, word, anchor.text}), false), at, redundant, true};
}

}  // namespace vglaw
