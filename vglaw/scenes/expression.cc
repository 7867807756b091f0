#include "vglaw/scenes/expression.h"

#include <algorithm>
#include <array>

#include "vglaw/core/error.h"
#include "vglaw/scenes/phrases.h"

namespace vglaw {
namespace {

struct Choice {
    Kind kind;
    int weight;
};

std::span<const Choice> choices_of(Style style) {
    static constexpr Choice refcoco[] = {
        {Kind::plain, 16}, {Kind::extreme, 26},  {Kind::corner, 8},  {Kind::ordinal, 9}, {Kind::middle, 5},
        {Kind::size, 8},   {Kind::relation, 34}, {Kind::between, 3}, {Kind::overlap, 8}, {Kind::hidden, 1}};
    static constexpr Choice refcoco_plus[] = {{Kind::plain, 50},     {Kind::size, 20},     {Kind::same_colour, 10},
                                              {Kind::not_colour, 8}, {Kind::compared, 12}, {Kind::hidden, 6}};
    static constexpr Choice refcocog[] = {{Kind::plain, 6},      {Kind::extreme, 8},     {Kind::corner, 4},
                                          {Kind::ordinal, 8},    {Kind::size, 6},        {Kind::relation, 34},
                                          {Kind::two_steps, 14}, {Kind::both, 10},       {Kind::between, 6},
                                          {Kind::overlap, 10},   {Kind::same_colour, 4}, {Kind::compared, 4}};
    static constexpr Choice refclef[] = {{Kind::plain, 30},   {Kind::extreme, 30}, {Kind::corner, 10},
                                         {Kind::ordinal, 4},  {Kind::middle, 4},   {Kind::size, 8},
                                         {Kind::relation, 14}};
    switch (style) {
        case Style::refcoco:
            return refcoco;
        case Style::refcoco_plus:
            return refcoco_plus;
        case Style::refcocog:
            return refcocog;
        default:
            return refclef;
    }
}

Kind pick_kind(std::span<const Choice> choices, Rng& rng) {
    int total = 0;
    for (const Choice& choice : choices) total += choice.weight;
    int left = rng.uniform_int(0, total - 1);
    for (const Choice& choice : choices) {
        left -= choice.weight;
        if (left < 0) return choice.kind;
    }
    return choices.back().kind;
}

int words_in(const std::string& text) { return 1 + int(std::count(text.begin(), text.end(), ' ')); }

/// A phrase that says more than it needs is natural now and then, but a set full of them could be solved without
/// reading on.
bool worth_saying(const Draft& draft, Style style, Rng& rng) {
    if (!draft.redundant) return true;
    return rng.chance(style == Style::refcocog ? 0.35 : 0.25);
}

}  // namespace

Style style_from_name(std::string_view name) {
    for (std::size_t i = 0; i < style_names.size(); ++i) {
        if (style_names[i] == name) return Style(i);
    }
    fail(ErrorCode::invalid_argument,
         "no style of expressions is called \"{}\": use refcoco, refcoco+, refcocog or refclef", name);
}

std::optional<Expression> describe(const Scene& scene, int object, Style style, Rng& rng) {
    const auto choices = choices_of(style);
    // Several attempts at one kind before another is drawn: the rare kinds, which seldom fit, keep their share.
    constexpr int attempts = 96, attempts_a_kind = 12;
    Kind kind{};
    for (int attempt = 0; attempt < attempts; ++attempt) {
        if (attempt % attempts_a_kind == 0) kind = pick_kind(choices, rng);
        Sentence sentence(scene, style, rng);
        std::optional<Draft> draft = draft_phrase(kind, scene, object, style, sentence, rng);
        if (!draft || !worth_saying(*draft, style, rng)) continue;
        if (style == Style::refcocog && words_in(draft->text) < 8) {
            if (draft->complete) continue;
            draft->text += ' ';
            draft->text += pick_wording(rng, {{"in the picture", 4}, {"in the image", 3}, {"in this picture", 1}});
            if (words_in(draft->text) < 8) continue;
        }
        sentence.add({.op = Op::unique, .input = draft->result});
        if (resolve_clearly(sentence.program(), scene) != object) continue;
        return Expression{std::move(draft->text), std::move(sentence.program()), object};
    }
    return std::nullopt;
}

std::optional<Expression> describe_any(const Scene& scene, Style style, Rng& rng) {
    const int count = int(scene.objects.size());
    for (int attempt = 0; attempt < 8 && count > 0; ++attempt) {
        const int object = rng.uniform_int(0, count - 1);
        const SceneObject& o = scene.objects[std::size_t(object)];
        const auto alike = std::count_if(scene.objects.begin(), scene.objects.end(),
                                         [&](const SceneObject& other) { return other.shape == o.shape; });
        if (alike == 1 && rng.chance(0.7)) continue;
        if (auto expression = describe(scene, object, style, rng)) return expression;
    }
    return std::nullopt;
}

}  // namespace vglaw
