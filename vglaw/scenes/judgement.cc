#include "vglaw/scenes/judgement.h"

#include <algorithm>
#include <cmath>

namespace vglaw {
namespace {

// Lengths are shares of the picture's short side, as an object's size is.
constexpr float clear_step = 0.12F;  // between two centres, for "left of" to be seen at once
constexpr float clear_not = 0.02F;   // to the other side, for "left of" to be plainly false
constexpr float clear_lead = 0.08F;  // between the first and the second, for "leftmost"
constexpr float close_gap = 0.16F;

Judgement combine(Judgement a, Judgement b) { return {a.plain && b.plain, std::min(a.clear, b.clear)}; }

/// Below 0.42 of the side yes, from 0.5 on no.
Judgement first_half(float share) {
    return {share < 0.5F, share < 0.42F ? Truth::yes : share < 0.5F ? Truth::unclear : Truth::no};
}

Judgement judge_step(float ahead, float aside, float short_side, float radii) {
    // The direction must dominate, and the objects must not lie over each other.
    const float needed = std::max(clear_step * short_side, 0.55F * radii);
    const bool yes = ahead >= needed && aside <= 1.1F * ahead;
    const bool no = ahead <= -clear_not * short_side;
    return {ahead > 0, yes ? Truth::yes : no ? Truth::no : Truth::unclear};
}

}  // namespace

Judgement judge_region(const Scene& scene, const SceneObject& object, Region region) {
    const float x = object.cx / float(scene.width), y = object.cy / float(scene.height);
    const Judgement left = first_half(x), right = first_half(1 - x), top = first_half(y), bottom = first_half(1 - y);
    switch (region) {
        case Region::left:
            return left;
        case Region::right:
            return right;
        case Region::top:
            return top;
        case Region::bottom:
            return bottom;
        case Region::top_left:
            return combine(top, left);
        case Region::top_right:
            return combine(top, right);
        case Region::bottom_left:
            return combine(bottom, left);
        case Region::bottom_right:
            return combine(bottom, right);
        default:
            break;
    }
    const float off = std::max(std::abs(x - 0.5F), std::abs(y - 0.5F));
    return {off < 0.2F, off < 0.15F ? Truth::yes : off < 0.27F ? Truth::unclear : Truth::no};
}

Judgement judge_relation(const Scene& scene, int object, int anchor, Relation relation) {
    const SceneObject& a = scene.objects[std::size_t(object)];
    const SceneObject& b = scene.objects[std::size_t(anchor)];
    const float dx = a.cx - b.cx, dy = a.cy - b.cy, radii = a.radius + b.radius, side = scene.short_side();
    const auto exact = [](bool is) { return Judgement{is, is ? Truth::yes : Truth::no}; };
    const auto hides = [](const SceneObject& front, int back) {
        const std::uint32_t bit = 1U << unsigned(back);
        const Truth clear = (front.hides_clearly & bit) != 0   ? Truth::yes
                            : (front.hides_perhaps & bit) != 0 ? Truth::unclear
                                                               : Truth::no;
        return Judgement{(front.hides & bit) != 0, clear};
    };
    switch (relation) {
        case Relation::left_of:
            return judge_step(-dx, std::abs(dy), side, radii);
        case Relation::right_of:
            return judge_step(dx, std::abs(dy), side, radii);
        case Relation::above:
            return judge_step(-dy, std::abs(dx), side, radii);
        case Relation::below:
            return judge_step(dy, std::abs(dx), side, radii);
        case Relation::in_front_of:
            return hides(a, anchor);
        case Relation::behind:
            return hides(b, object);
        case Relation::larger_than:
            return exact(a.size > b.size);
        case Relation::smaller_than:
            return exact(a.size < b.size);
        default:
            return exact(a.colour == b.colour);
    }
}

Judgement judge_between(const Scene& scene, int object, int first, int second) {
    const SceneObject& o = scene.objects[std::size_t(object)];
    const SceneObject& a = scene.objects[std::size_t(first)];
    const SceneObject& b = scene.objects[std::size_t(second)];
    const float ux = b.cx - a.cx, uy = b.cy - a.cy, px = o.cx - a.cx, py = o.cy - a.cy;
    const float squared = ux * ux + uy * uy;
    if (squared <= 0) return {};
    const float along = (px * ux + py * uy) / squared;          // 0 at a, 1 at b
    const float aside = std::abs(px * uy - py * ux) / squared;  // share of the distance a-b
    const bool plain = along > 0.15F && along < 0.85F && aside < 0.32F;
    if (along > 0.22F && along < 0.78F && aside < 0.22F) return {plain, Truth::yes};
    const bool far = along < 0 || along > 1 || aside > 0.5F;
    return {plain, far ? Truth::no : Truth::unclear};
}

Judgement judge_hidden(const SceneObject& object) {
    return {object.visible < 0.92F, object.visible < 0.87F    ? Truth::yes
                                    : object.visible < 0.985F ? Truth::unclear
                                                              : Truth::no};
}

Score score_extreme(const Scene& scene, const SceneObject& object, Direction direction) {
    const float lead = clear_lead * scene.short_side();
    switch (direction) {
        case Direction::left:
            return {-object.cx, lead};
        case Direction::right:
            return {object.cx, lead};
        case Direction::top:
            return {-object.cy, lead};
        case Direction::bottom:
            return {object.cy, lead};
        default:
            break;
    }
    const float dx = object.cx - 0.5F * float(scene.width), dy = object.cy - 0.5F * float(scene.height);
    return {-std::sqrt(dx * dx + dy * dy), 2 * lead};
}

Score score_nearness(const Scene& scene, const SceneObject& object, const SceneObject& anchor) {
    const float dx = object.cx - anchor.cx, dy = object.cy - anchor.cy;
    const float distance = std::sqrt(dx * dx + dy * dy);
    return {-distance, std::max(0.25F * distance, 0.08F * scene.short_side())};
}

bool close_together(const Scene& scene, const SceneObject& a, const SceneObject& b) {
    const float dx = a.cx - b.cx, dy = a.cy - b.cy;
    const float gap = std::sqrt(dx * dx + dy * dy) - a.radius - b.radius;
    return gap < close_gap * scene.short_side();
}

}  // namespace vglaw
