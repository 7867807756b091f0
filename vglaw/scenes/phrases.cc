#include "vglaw/scenes/phrases.h"

#include "vglaw/scenes/phrase_maker.h"

namespace vglaw {

std::string fill(std::string_view pattern, std::initializer_list<std::string_view> groups) {
    std::string text;
    auto next = groups.begin();
    for (const char c : pattern) {
        if (c == '%' && next != groups.end()) {
            text += *next++;
        } else {
            text += c;
        }
    }
    return text;
}

PhraseMaker::Target PhraseMaker::target() { return target(sentence_.random_mention(object_)); }

PhraseMaker::Target PhraseMaker::target(const Mention& mention) {
    const int set = sentence_.select(object_, mention);
    return {sentence_.noun(object_, mention, true), set, sentence_.count_alike(object_, mention) == 1};
}

int PhraseMaker::another() {
    const int count = int(scene_.objects.size());
    return count < 2 ? -1 : (object_ + rng_.uniform_int(1, count - 1)) % count;
}

PhraseMaker::Anchor PhraseMaker::anchor_of(int object, const Mention& mention) {
    Anchor anchor{object, sentence_.select(object, mention), {}};
    anchor.text = sentence_.article(sentence_.noun(object, mention, true), true);
    return anchor;
}

PhraseMaker::Anchor PhraseMaker::simple_anchor() {
    const int other = another();
    Mention mention;
    if (other < 0 || !sentence_.find_unique_mention(other, mention)) return {};
    return anchor_of(other, mention);
}

std::optional<Draft> draft_phrase(Kind kind, const Scene& scene, int object, Style style, Sentence& sentence,
                                  Rng& rng) {
    PhraseMaker phrases(scene, object, style, sentence, rng);
    switch (kind) {
        case Kind::plain:
            return phrases.plain();
        case Kind::extreme:
            return phrases.extreme();
        case Kind::corner:
            return phrases.corner();
        case Kind::ordinal:
            return phrases.ordinal();
        case Kind::middle:
            return phrases.middle();
        case Kind::size:
            return phrases.size();
        case Kind::relation:
            return phrases.relation();
        case Kind::two_steps:
            return phrases.two_steps();
        case Kind::both:
            return phrases.both();
        case Kind::between:
            return phrases.between();
        case Kind::overlap:
            return phrases.overlap();
        case Kind::hidden:
            return phrases.hidden();
        case Kind::same_colour:
            return phrases.same_colour();
        case Kind::not_colour:
            return phrases.not_colour();
        default:
            return phrases.compared();
    }
}

}  // namespace vglaw
