// Expressions that place the referent by other objects.
#include "vglaw/scenes/phrase_maker.h"

#include <array>
#include <vector>

#include "vglaw/scenes/judgement.h"

namespace vglaw {
std::optional<Relation> PhraseMaker::fitting_relation(int object, int other) {
    std::array<Relation, 5> fitting{};
    int count = 0;
    for (const Relation relation : {Relation::left_of, Relation::right_of, Relation::above, Relation::below}) {
        if (judge_relation(scene_, object, other, relation).clear == Truth::yes)
            fitting[std::size_t(count++)] = relation;
    }
    const auto at = [this](int i) -> const SceneObject& { return scene_.objects[std::size_t(i)]; };
    if (close_together(scene_, at(object), at(other))) fitting[std::size_t(count++)] = Relation::nearest_to;
    if (count == 0) return std::nullopt;
    return fitting[std::size_t(rng_.uniform_int(0, count - 1))];
}

std::optional<Draft> PhraseMaker::relation() {
    Mention mention = sentence_.random_mention(object_);
    const bool in_full = rng_.chance(0.3);  // "the small red ball left of the large blue cube"
    if (in_full) {
        mention.shape = mention.colour = true;
        mention.size = mention.size || scene_.objects[std::size_t(object_)].size != SizeClass::medium;
    }
    const auto [noun, set, redundant] = target(mention);
    const int other = another();
    Mention mark;
    if (other < 0 || !sentence_.find_unique_mention(other, mark)) return std::nullopt;
    if (in_full) mark.colour = mark.shape = true;
    const auto relation = fitting_relation(object_, other);
    if (!relation) return std::nullopt;
    const Anchor anchor = anchor_of(other, mark);
    const int at = sentence_.add({.op = Op::relate, .value = int(*relation), .input = set, .anchor = anchor.set});
    return Draft{related(noun, *relation, anchor.text), at, redundant};
}

std::optional<Draft> PhraseMaker::overlap() {
    const SceneObject& me = scene_.objects[std::size_t(object_)];
    const auto bit_of = [](std::uint32_t set, int i) { return ((set >> unsigned(i)) & 1U) != 0; };
    std::vector<int> partners;
    for (int other = 0; other < int(scene_.objects.size()); ++other) {
        if (bit_of(me.hides, other) || bit_of(scene_.objects[std::size_t(other)].hides, object_))
            partners.push_back(other);
    }
    if (partners.empty()) return std::nullopt;
    const int other = rng_.pick(partners);
    const auto [noun, set, redundant] = target();
    Mention mention;
    if (!sentence_.find_unique_mention(other, mention)) return std::nullopt;
    const Anchor anchor = anchor_of(other, mention);
    const Relation relation = bit_of(me.hides, other) ? Relation::in_front_of : Relation::behind;
    const int at = sentence_.add({.op = Op::relate, .value = int(relation), .input = set, .anchor = anchor.set});
    return Draft{related(noun, relation, anchor.text), at, redundant};
}

std::optional<Draft> PhraseMaker::two_steps() {
    const auto [noun, set, redundant] = target();
    // The anchor is itself told from its like by its relation to a third object.
    const int other = another();
    if (other < 0) return std::nullopt;
    Mention like = sentence_.random_mention(other);
    like.shape = true;
    if (sentence_.count_alike(other, like) == 1) like = Mention{};
    if (sentence_.count_alike(other, like) == 1) return std::nullopt;
    const Anchor third = simple_anchor();
    if (!third || third.object == other) return std::nullopt;
    const auto inner = fitting_relation(other, third.object), outer = fitting_relation(object_, other);
    if (!inner || !outer) return std::nullopt;
    int middle = sentence_.select(other, like);
    middle = sentence_.add({.op = Op::relate, .value = int(*inner), .input = middle, .anchor = third.set});
    const int at = sentence_.add({.op = Op::relate, .value = int(*outer), .input = set, .anchor = middle});
    // One draw a statement: the order of operands is the compiler's choice, the random numbers must not be.
    std::string other_text = "the " + sentence_.noun(other, like, true) + " that is ";
    other_text += words_of(*inner);
    other_text += ' ' + third.text;
    return Draft{related(noun, *outer, other_text), at, redundant, true};
}

std::optional<Draft> PhraseMaker::both() {
    const auto [noun, set, redundant] = target();
    const Anchor first = simple_anchor();
    if (!first) return std::nullopt;
    const Anchor second = simple_anchor();
    if (!second || first.object == second.object) return std::nullopt;
    const auto one = fitting_relation(object_, first.object), two = fitting_relation(object_, second.object);
    if (!one || !two || *one == *two) return std::nullopt;
    // "next to" means the nearest of a set, which reads differently once the set was narrowed.
    if (*two == Relation::nearest_to) return std::nullopt;
    int at = sentence_.add({.op = Op::relate, .value = int(*one), .input = set, .anchor = first.set});
    at = sentence_.add({.op = Op::relate, .value = int(*two), .input = at, .anchor = second.set});
    std::string text = related(noun, *one, first.text);
    text += pick_wording(rng_, {{" and ", 3}, {" and also ", 1}});
    text += words_of(*two);
    return Draft{text + ' ' + second.text, at, redundant, true};
}

std::optional<Draft> PhraseMaker::between() {
    const auto [noun, set, redundant] = target();
    const Anchor first = simple_anchor();
    if (!first) return std::nullopt;
    const Anchor second = simple_anchor();
    if (!second || judge_between(scene_, object_, first.object, second.object).clear != Truth::yes) return std::nullopt;
    const int at = sentence_.add({.op = Op::between, .input = set, .anchor = first.set, .second_anchor = second.set});
    const std::string_view pattern =
        style_ == Style::refcocog
            ? pick_wording(rng_, {{"% that is between % and %", 3}, {"% that is in between % and %", 1}})
            : pick_wording(rng_, {{"% between % and %", 4}, {"% in between % and %", 1}});
    return Draft{sentence_.article(fill(pattern, {noun, first.text, second.text}), false), at, redundant, true};
}

std::string_view PhraseMaker::words_of(Relation relation) {
    const bool terse = style_ == Style::refclef;
    switch (relation) {
        case Relation::left_of:
            return terse ? "left of" : pick_wording(rng_, {{"left of", 3}, {"to the left of", 3}});
        case Relation::right_of:
            return terse ? "right of" : pick_wording(rng_, {{"right of", 3}, {"to the right of", 3}});
        case Relation::above:
            return pick_wording(rng_, {{"above", 4}, {"over", 1}});
        case Relation::below:
            return pick_wording(rng_, {{"below", 3}, {"under", 2}, {"underneath", terse ? 0 : 1}});
        case Relation::nearest_to:
            return terse
                       ? pick_wording(rng_, {{"near", 2}, {"by", 2}, {"next to", 2}})
                       : pick_wording(rng_, {{"next to", 5}, {"beside", 2}, {"near", 2}, {"closest to", 2}, {"by", 1}});
        case Relation::in_front_of:
            return "in front of";
        default:
            return "behind";
    }
}

std::string PhraseMaker::related(const std::string& noun, Relation relation, const std::string& anchor) {
    std::string link(words_of(relation));
    if (style_ == Style::refcocog) {
        link.insert(
            0, pick_wording(
                   rng_,
                   {{"that is ", 4}, {"which is ", 2}, {"located ", 1}, {"placed ", 1}, {"that lies ", 1}, {"", 2}}));
    } else if (style_ == Style::refcoco && rng_.chance(0.1)) {
        link.insert(0, "that is ");
    }
    return sentence_.article(noun + ' ' + link + ' ' + anchor, false);
}

}  // namespace vglaw
