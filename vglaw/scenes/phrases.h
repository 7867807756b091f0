// The kinds of expression, each with its wordings and its meaning.
#pragma once

#include <optional>
#include <string>

#include "vglaw/scenes/sentence.h"

namespace vglaw {

enum class Kind : std::uint8_t {
    plain,        ///< "small red ball"
    extreme,      ///< "left ball", "topmost star"
    corner,       ///< "top right triangle"
    ordinal,      ///< "second star from the right"
    middle,       ///< "middle cube"
    size,         ///< "biggest ring", "smaller star"
    relation,     ///< "ball left of the cube"
    two_steps,    ///< "the ball left of the cube that is above the star"
    both,         ///< "the ball left of the cube and above the star"
    between,      ///< "ball between the cube and the star"
    overlap,      ///< "ball behind the cube"
    hidden,       ///< "partly hidden ball"
    same_colour,  ///< "ball with the same color as the star"
    not_colour,   ///< "ball that is not red"
    compared,     ///< "ball bigger than the cube"
};

struct Draft {
    std::string text;
    int result = 0;          ///< the step that holds the referent
    bool redundant = false;  ///< the noun phrase alone says as much
    bool complete =
        false;  ///< it must not be made longer: what follows would attach to the wrong noun, or repeat itself
};

/// A phrase of the kind about the object, neither checked for truth nor for ambiguity: resolve_clearly() decides.
/// Nothing when the scene gives no occasion for it.
[[nodiscard]] std::optional<Draft> draft_phrase(Kind kind, const Scene& scene, int object, Style style,
                                                Sentence& sentence, Rng& rng);

}  // namespace vglaw
