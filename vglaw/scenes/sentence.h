// Puts words and meaning together: every phrase it says adds the steps that mean it.
#pragma once

#include <string>

#include "vglaw/core/rng.h"
#include "vglaw/scenes/program.h"
#include "vglaw/scenes/wording.h"

namespace vglaw {

/// Which attributes of an object a noun phrase names.
struct Mention {
    bool size = false, pattern = false, colour = false, shape = true;
};

/// One expression in the making. Text comes as strings, meaning as steps of `program`.
class Sentence {
public:
    Sentence(const Scene& scene, Style style, Rng& rng) : scene_(scene), style_(style), rng_(rng) { add({}); }

    [[nodiscard]] const Program& program() const { return program_; }
    Program& program() { return program_; }
    /// Appends a step and returns its index.
    int add(const Step& step);
    int filter(Op op, int value, int input) { return add({.op = op, .value = value, .input = input}); }

    /// Steps that keep what fits the mentioned attributes, from all objects.
    int select(int object, const Mention& mention);
    /// "small striped red ball", no article; `after_the` chooses among the words for anything when the shape is not
    /// named.
    std::string noun(int object, const Mention& mention, bool after_the);
    /// An article as the style likes it, followed by the words ("the red ball", "a cube", "red ball").
    std::string article(const std::string& words, bool anchor);
    /// The same for words that fit one thing only ("biggest", "second from the left"): never "a".
    std::string definite_article(const std::string& words);
    /// Attributes of a target, at random as the style likes them.
    Mention random_mention(int object);
    /// How many objects of the scene the mentioned attributes fit, this one included.
    [[nodiscard]] int count_alike(int object, const Mention& mention) const;
    /// Attributes that single the object out of the scene by themselves, few rather than many; false if there are none.
    bool find_unique_mention(int object, Mention& mention);

private:
    const Scene& scene_;
    Style style_;
    Rng& rng_;
    Program program_;
};

}  // namespace vglaw
