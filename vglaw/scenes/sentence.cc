#include "vglaw/scenes/sentence.h"

#include <array>
#include <string_view>

namespace vglaw {
namespace {

void join(std::string& text, std::string_view word) {
    if (word.empty()) return;
    if (!text.empty()) text += ' ';
    text += word;
}

bool matches(const SceneObject& a, const SceneObject& b, const Mention& mention) {
    return (!mention.size || a.size == b.size) && (!mention.pattern || a.pattern == b.pattern) &&
           (!mention.colour || a.colour == b.colour) && (!mention.shape || a.shape == b.shape);
}

}  // namespace

int Sentence::add(const Step& step) {
    program_.push_back(step);
    return int(program_.size()) - 1;
}

int Sentence::select(int object, const Mention& mention) {
    const SceneObject& o = scene_.objects[std::size_t(object)];
    int at = 0;
    if (mention.size) at = filter(Op::size, int(o.size), at);
    if (mention.pattern) at = filter(Op::pattern, int(o.pattern), at);
    if (mention.colour) at = filter(Op::colour, int(o.colour), at);
    if (mention.shape) at = filter(Op::shape, int(o.shape), at);
    return at;
}

std::string Sentence::noun(int object, const Mention& mention, bool after_the) {
    const SceneObject& o = scene_.objects[std::size_t(object)];
    std::string text;
    if (mention.size) join(text, say(o.size, rng_));
    const bool pattern_after = mention.pattern && o.pattern != Pattern::plain && rng_.chance(0.25);
    if (mention.pattern && !pattern_after) join(text, say(o.pattern, rng_));
    if (mention.colour) join(text, say(o.colour, rng_));
    join(text, mention.shape ? say(o.shape, rng_) : say_anything(after_the, rng_));
    if (pattern_after) join(text, say_after(o.pattern, rng_));
    return text;
}

std::string Sentence::article(const std::string& words, bool anchor) {
    double definite = 0, indefinite = 0;
    switch (style_) {
        case Style::refcoco:
            definite = anchor ? 0.55 : 0.3;
            break;
        case Style::refcoco_plus:
            definite = anchor ? 0.65 : 0.35;
            break;
        case Style::refcocog:
            definite = 0.78, indefinite = 0.22;
            break;
        case Style::refclef:
            break;
    }
    const double draw = rng_.uniform();
    if (draw < definite) return "the " + words;
    if (draw < definite + indefinite)
        return (words.find_first_of("aeiou") == 0 && words.rfind("one", 0) != 0 ? "an " : "a ") + words;
    return words;
}

std::string Sentence::definite_article(const std::string& words) {
    return style_ == Style::refcocog ? "the " + words : article(words, false);
}

Mention Sentence::random_mention(int object) {
    const SceneObject& o = scene_.objects[std::size_t(object)];
    const double more = style_ == Style::refcocog ? 0.2 : style_ == Style::refclef ? -0.1 : 0.0;
    Mention mention;
    mention.shape = rng_.chance(0.88);
    mention.colour = rng_.chance(0.6 + more);
    mention.size = rng_.chance((o.size == SizeClass::medium ? 0.06 : 0.26) + more / 2);
    mention.pattern = rng_.chance(o.pattern == Pattern::plain ? 0.04 : 0.5 + more);
    return mention;
}

int Sentence::count_alike(int object, const Mention& mention) const {
    int alike = 0;
    for (const SceneObject& other : scene_.objects) {
        alike += matches(scene_.objects[std::size_t(object)], other, mention) ? 1 : 0;
    }
    return alike;
}

bool Sentence::find_unique_mention(int object, Mention& mention) {
    // Few words first; a random extra one now and then, as people do.
    static constexpr std::array<Mention, 10> choices = {{{false, false, false, true},
                                                         {false, false, true, true},
                                                         {false, false, true, false},
                                                         {true, false, false, true},
                                                         {false, true, false, true},
                                                         {true, false, true, true},
                                                         {false, true, true, true},
                                                         {true, true, false, true},
                                                         {true, true, true, true},
                                                         {true, false, true, false}}};
    const std::size_t start = rng_.chance(0.5) ? 1 : 0;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        Mention candidate = choices[(start + i) % choices.size()];
        if (rng_.chance(style_ == Style::refcocog ? 0.3 : 0.15)) candidate.size = true;
        if (count_alike(object, candidate) != 1) continue;
        mention = candidate;
        return true;
    }
    return false;
}

}  // namespace vglaw
