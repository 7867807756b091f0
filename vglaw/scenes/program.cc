#include "vglaw/scenes/program.h"

#include <bit>

#include "vglaw/core/error.h"
#include "vglaw/scenes/judgement.h"

namespace vglaw {
namespace {

/// `plain`: what the definitions give. `sure` is a subset of `possible`: what must and what might be meant.
struct Set {
    std::uint32_t plain = 0, sure = 0, possible = 0;
};

constexpr std::uint32_t bit(int index) { return 1U << unsigned(index); }
bool single(std::uint32_t set) { return std::has_single_bit(set); }
int first(std::uint32_t set) { return std::countr_zero(set); }

class Evaluation {
public:
    explicit Evaluation(const Scene& scene) : scene_(scene), count_(int(scene.objects.size())) {
        if (count_ > max_scene_objects)
            fail(ErrorCode::invalid_argument, "a scene of {} objects, at most {}", count_, max_scene_objects);
    }

    Set run(const Program& program) {
        if (program.empty()) fail(ErrorCode::invalid_argument, "an empty program has no referent");
        sets_.clear();
        for (std::size_t i = 0; i < program.size(); ++i) sets_.push_back(step(program[i], int(i)));
        return sets_.back();
    }

private:
    template <typename Judge>
    Set filter(const Set& input, Judge&& judge) const {
        Set out;
        for (int o = 0; o < count_; ++o) {
            if (((input.plain | input.possible) & bit(o)) == 0) continue;
            const Judgement judgement = judge(o);
            if (judgement.plain) out.plain |= bit(o) & input.plain;
            if (judgement.clear == Truth::yes) out.sure |= bit(o) & input.sure;
            if (judgement.clear != Truth::no) out.possible |= bit(o) & input.possible;
        }
        return out;
    }

    template <typename Has>
    Set filter_exact(const Set& input, Has&& has) const {
        return filter(input, [&](int o) {
            const bool is = has(scene_.objects[std::size_t(o)]);
            return Judgement{is, is ? Truth::yes : Truth::no};
        });
    }

    /// The highest score; clear only with the lead over all that might compete.
    template <typename ScoreOf>
    Set best(const Set& input, ScoreOf&& score_of) const {
        Set out;
        for (int o = 0; o < count_; ++o) {
            const Score mine = score_of(o);
            bool beaten = false, in_doubt = false, clearly_beaten = false;
            for (int other = 0; other < count_; ++other) {
                if (other == o) continue;
                const Score theirs = score_of(other);
                if ((input.plain & bit(other)) != 0 && theirs.value > mine.value) beaten = true;
                if ((input.possible & bit(other)) != 0 && theirs.value > mine.value - mine.lead) in_doubt = true;
                if ((input.sure & bit(other)) != 0 && theirs.value - theirs.lead >= mine.value) clearly_beaten = true;
            }
            if ((input.plain & bit(o)) != 0 && !beaten) out.plain |= bit(o);
            if ((input.sure & bit(o)) != 0 && !in_doubt) out.sure |= bit(o);
            if ((input.possible & bit(o)) != 0 && !clearly_beaten) out.possible |= bit(o);
        }
        return out;
    }

    /// The object with exactly `rank` - 1 others before it; clear only in a set without doubt, away from all
    /// neighbours.
    Set ranked(const Set& input, Direction direction, int rank) const {
        Set out;
        const bool certain = input.sure == input.possible && input.sure == input.plain;
        out.possible = certain ? 0 : input.possible;
        for (int o = 0; o < count_; ++o) {
            if ((input.plain & bit(o)) == 0) continue;
            const Score mine = score_extreme(scene_, scene_.objects[std::size_t(o)], direction);
            int before = 0;
            bool apart = true;
            for (int other = 0; other < count_; ++other) {
                if (other == o || (input.plain & bit(other)) == 0) continue;
                const float lead =
                    score_extreme(scene_, scene_.objects[std::size_t(other)], direction).value - mine.value;
                if (lead > 0) ++before;
                if (lead < mine.lead && lead > -mine.lead) apart = false;
            }
            if (before != rank - 1) continue;
            out.plain |= bit(o);
            out.possible |= bit(o);
            if (certain && apart) out.sure |= bit(o);
        }
        return out;
    }

    Set relate(const Set& input, const Set& anchor, Relation relation) const {
        Set out;
        out.possible = input.possible;
        if (single(anchor.plain)) {
            const int a = first(anchor.plain);
            Set others = input;
            others.plain &= ~bit(a);
            others.sure &= ~bit(a);
            others.possible &= ~bit(a);
            const bool certain = anchor.sure == anchor.plain && anchor.possible == anchor.plain;
            Set found;
            if (relation == Relation::nearest_to) {
                const SceneObject& at = scene_.objects[std::size_t(a)];
                found = best(others, [&](int o) { return score_nearness(scene_, scene_.objects[std::size_t(o)], at); });
                if (single(found.sure) && !close_together(scene_, scene_.objects[std::size_t(first(found.sure))], at))
                    found.sure = 0;
            } else {
                found = filter(others, [&](int o) { return judge_relation(scene_, o, a, relation); });
            }
            if (certain) return found;
            out.plain = found.plain;
        }
        return out;
    }

    Set between(const Set& input, const Set& one, const Set& two) const {
        Set out;
        out.possible = input.possible;
        if (!single(one.plain) || !single(two.plain)) return out;
        const std::uint32_t ends = one.plain | two.plain;
        Set others{input.plain & ~ends, input.sure & ~ends, input.possible & ~ends};
        const Set found =
            filter(others, [&](int o) { return judge_between(scene_, o, first(one.plain), first(two.plain)); });
        const bool certain =
            one.sure == one.plain && one.possible == one.plain && two.sure == two.plain && two.possible == two.plain;
        if (certain) return found;
        out.plain = found.plain;
        return out;
    }

    [[nodiscard]] const Set& earlier(int index, int now) const {
        if (index < 0 || index >= now)
            fail(ErrorCode::invalid_argument, "step {} of a program refers to step {}", now, index);
        return sets_[std::size_t(index)];
    }

    Set step(const Step& s, int now) {
        const auto in_range = [&](std::size_t count) {
            if (s.value < 0 || std::size_t(s.value) >= count) {
                fail(ErrorCode::invalid_argument, "step {} of a program has the value {}, its kind knows {}", now,
                     s.value, count);
            }
        };
        if (s.op == Op::scene) {
            const std::uint32_t all = count_ == 32 ? ~0U : bit(count_) - 1U;
            return {all, all, all};
        }
        const Set& input = earlier(s.input, now);
        switch (s.op) {
            case Op::shape:
                return filter_exact(input, [&](const SceneObject& o) { return int(o.shape) == s.value; });
            case Op::colour:
                return filter_exact(input, [&](const SceneObject& o) { return int(o.colour) == s.value; });
            case Op::not_colour:
                return filter_exact(input, [&](const SceneObject& o) { return int(o.colour) != s.value; });
            case Op::size:
                return filter_exact(input, [&](const SceneObject& o) { return int(o.size) == s.value; });
            case Op::pattern:
                return filter_exact(input, [&](const SceneObject& o) { return int(o.pattern) == s.value; });
            case Op::hidden:
                return filter(input, [&](int o) { return judge_hidden(scene_.objects[std::size_t(o)]); });
            case Op::region:
                in_range(region_names.size());
                return filter(input, [&](int o) {
                    return judge_region(scene_, scene_.objects[std::size_t(o)], Region(s.value));
                });
            case Op::extreme:
                in_range(direction_names.size());
                return best(input, [&](int o) {
                    return score_extreme(scene_, scene_.objects[std::size_t(o)], Direction(s.value));
                });
            case Op::ordinal:
                in_range(direction_names.size() - 1);
                return ranked(input, Direction(s.value), s.rank);
            case Op::middle: {
                in_range(direction_names.size() - 1);
                const int members = std::popcount(input.plain);
                if (members % 2 == 0) return {0, 0, input.possible};
                return ranked(input, Direction(s.value), members / 2 + 1);
            }
            case Op::largest:
                return best(input, [&](int o) { return Score{float(scene_.objects[std::size_t(o)].size), 0.5F}; });
            case Op::smallest:
                return best(input, [&](int o) { return Score{-float(scene_.objects[std::size_t(o)].size), 0.5F}; });
            case Op::relate:
                in_range(relation_names.size());
                return relate(input, earlier(s.anchor, now), Relation(s.value));
            case Op::between:
                return between(input, earlier(s.anchor, now), earlier(s.second_anchor, now));
            case Op::unique:
                return {single(input.plain) ? input.plain : 0, input.sure, input.possible};
            default:
                fail(ErrorCode::invalid_argument, "step {} of a program has the unknown op {}", now, int(s.op));
        }
    }

    const Scene& scene_;
    int count_;
    std::vector<Set> sets_;
};

}  // namespace

std::vector<int> resolve(const Program& program, const Scene& scene) {
    const Set found = Evaluation(scene).run(program);
    std::vector<int> out;
    for (int o = 0; o < int(scene.objects.size()); ++o) {
        if ((found.plain & bit(o)) != 0) out.push_back(o);
    }
    return out;
}

std::optional<int> resolve_clearly(const Program& program, const Scene& scene) {
    const Set found = Evaluation(scene).run(program);
    if (!single(found.sure) || found.possible != found.sure || found.plain != found.sure) return std::nullopt;
    return first(found.sure);
}

}  // namespace vglaw
