// What the kinds of expression have in common: one object, one sentence in the making, one stream of random choices.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "vglaw/scenes/phrases.h"

namespace vglaw {

/// Replaces the n-th '%' of the pattern by the n-th word group.
[[nodiscard]] std::string fill(std::string_view pattern, std::initializer_list<std::string_view> groups);

/// One method a kind (phrases.h); a draft or nothing.
class PhraseMaker {
public:
    PhraseMaker(const Scene& scene, int object, Style style, Sentence& sentence, Rng& rng)
        : scene_(scene), object_(object), style_(style), sentence_(sentence), rng_(rng) {}

    std::optional<Draft> plain();
    std::optional<Draft> size();
    std::optional<Draft> hidden();
    std::optional<Draft> same_colour();
    std::optional<Draft> not_colour();
    std::optional<Draft> compared();
    std::optional<Draft> extreme();
    std::optional<Draft> corner();
    std::optional<Draft> ordinal();
    std::optional<Draft> middle();
    std::optional<Draft> relation();
    std::optional<Draft> overlap();
    std::optional<Draft> two_steps();
    std::optional<Draft> both();
    std::optional<Draft> between();

private:
    struct Target {
        std::string noun;
        int set = 0;             ///< the step that holds what the noun phrase fits
        bool redundant = false;  ///< that is the referent alone
    };
    struct Anchor {
        int object = -1;  ///< -1: none was found
        int set = 0;      ///< the step that holds it
        std::string text;
        explicit operator bool() const { return object >= 0; }
    };

    /// A noun phrase for the referent, with its steps.
    Target target();
    /// The same with a fixed choice of attributes.
    Target target(const Mention& mention);
    /// Another object at random; -1 when alone.
    int another();
    /// Another object that its attributes single out. None when the one drawn cannot be told from others.
    Anchor simple_anchor();
    Anchor anchor_of(int object, const Mention& mention);
    /// Whether to name a place and nothing else ("far left"), as people do in the two short styles.
    bool place_alone();
    /// A relation in which `object` clearly stands to `other`; nothing when they are diagonal to each other and apart.
    std::optional<Relation> fitting_relation(int object, int other);
    std::string_view words_of(Relation relation);
    /// "the ball that is left of the cube"
    std::string related(const std::string& noun, Relation relation, const std::string& anchor);

    const Scene& scene_;
    int object_;
    Style style_;
    Sentence& sentence_;
    Rng& rng_;
};

}  // namespace vglaw
