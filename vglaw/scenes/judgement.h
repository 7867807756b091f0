// Is a word true of an object? Once at its plain definition and once with the doubt that a person would have.
#pragma once

#include "vglaw/scenes/program.h"

namespace vglaw {

enum class Truth : std::uint8_t { no, unclear, yes };

/// `plain` is the definition; `clear` says yes or no only when nobody would contradict. yes implies plain, no implies
/// not plain.
struct Judgement {
    bool plain = false;
    Truth clear = Truth::no;
};

/// A number that superlatives and ordinals compare, larger = more so, and the lead that makes it clear, in the same
/// unit.
struct Score {
    float value = 0;
    float lead = 0;
};

[[nodiscard]] Judgement judge_region(const Scene& scene, const SceneObject& object, Region region);
/// Every relation but nearest_to, which compares candidates with each other.
[[nodiscard]] Judgement judge_relation(const Scene& scene, int object, int anchor, Relation relation);
[[nodiscard]] Judgement judge_between(const Scene& scene, int object, int first, int second);
[[nodiscard]] Judgement judge_hidden(const SceneObject& object);
[[nodiscard]] Score score_extreme(const Scene& scene, const SceneObject& object, Direction direction);
/// Minus the distance between the centres.
[[nodiscard]] Score score_nearness(const Scene& scene, const SceneObject& object, const SceneObject& anchor);
/// Whether the two are close enough to be called "next to each other": the gap between their circles.
[[nodiscard]] bool close_together(const Scene& scene, const SceneObject& a, const SceneObject& b);

}  // namespace vglaw
