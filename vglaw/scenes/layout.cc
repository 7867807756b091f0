#include "vglaw/scenes/layout.h"

#include <algorithm>
#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/scenes/shapes.h"

namespace vglaw {
namespace {

constexpr int samples = 16;             // points a side over an object's square, for what is hidden by what
constexpr float least_visible = 0.55F;  // of the samples; the promise to users is 45 % of the pixels

constexpr float least_radius[3] = {0.078F, 0.115F, 0.168F};
constexpr float largest_radius[3] = {0.090F, 0.132F, 0.190F};

/// tan(angle / 2) as the parameter gives every rotation from + * / alone.
void rotate(SceneObject& object, double half_tangent) {
    const double scale = 1.0 / (1.0 + half_tangent * half_tangent);
    object.cosine = float((1.0 - half_tangent * half_tangent) * scale);
    object.sine = float(2.0 * half_tangent * scale);
}

/// How far the shape may turn and still be called by its name: 1 is a quarter turn to either side.
double turn_limit(Shape shape) {
    switch (shape) {
        case Shape::star:
        case Shape::hexagon:
        case Shape::flower:
        case Shape::moon:
            return 1.0;
        case Shape::triangle:
        case Shape::heart:
        case Shape::cross:
            return 0.16;
        case Shape::cylinder:
            return 0.12;
        case Shape::diamond:
        case Shape::cube:
            return 0.06;
        default:
            return 0.0;
    }
}

template <typename Value, std::size_t count>
std::vector<Value> palette(Rng& rng, int entries) {
    std::vector<Value> values;
    for (std::size_t i = 0; i < count; ++i) values.push_back(Value(i));
    rng.shuffle(values);
    values.resize(std::size_t(entries));
    return values;
}

bool inside(const SceneObject& object, float x, float y) {
    const float dx = (x - object.cx) / object.radius, dy = (y - object.cy) / object.radius;
    if (dx * dx + dy * dy > shapes::reach * shapes::reach) return false;
    const float u = dx * object.cosine + dy * object.sine, v = dy * object.cosine - dx * object.sine;
    return shapes::visit(object.shape, [u, v](auto distance) { return distance(u, v) < 0; });
}

bool near(const SceneObject& a, const SceneObject& b) {
    const float reach = (a.radius + b.radius) * shapes::reach;
    const float dx = a.cx - b.cx, dy = a.cy - b.cy;
    return dx * dx + dy * dy < reach * reach;
}

/// Fills visible and the three hides masks by asking at a grid of points; independent of the pixels drawn later.
void find_hidden(Scene& scene) {
    auto& objects = scene.objects;
    for (SceneObject& object : objects) object.hides = object.hides_clearly = object.hides_perhaps = 0;
    for (std::size_t j = 0; j < objects.size(); ++j) {
        SceneObject& object = objects[j];
        object.visible = 1;
        std::vector<std::pair<std::size_t, int>> front;  // object in front, samples of j it covers
        for (std::size_t i = j + 1; i < objects.size(); ++i) {
            if (near(objects[i], object)) front.emplace_back(i, 0);
        }
        if (front.empty()) continue;
        int total = 0, seen = 0;
        for (int row = 0; row < samples; ++row) {
            for (int column = 0; column < samples; ++column) {
                const float x = object.cx + object.radius * (float(2 * column + 1) / float(samples) - 1.0F);
                const float y = object.cy + object.radius * (float(2 * row + 1) / float(samples) - 1.0F);
                if (!inside(object, x, y)) continue;
                ++total;
                bool hidden = false;
                for (auto& [i, covered] : front) {
                    if (!inside(objects[i], x, y)) continue;
                    ++covered;
                    hidden = true;
                }
                seen += hidden ? 0 : 1;
            }
        }
        object.visible = float(seen) / float(total);
        for (const auto& [i, covered] : front) {
            const std::uint32_t bit = 1U << j;
            if (covered > 0) objects[i].hides_perhaps |= bit;
            if (covered * 20 > total) objects[i].hides |= bit;
            if (covered * 12 > total) objects[i].hides_clearly |= bit;
        }
    }
}

void drop_buried(Scene& scene) {
    for (;;) {
        find_hidden(scene);
        auto worst = std::min_element(scene.objects.begin(), scene.objects.end(),
                                      [](const auto& a, const auto& b) { return a.visible < b.visible; });
        if (worst == scene.objects.end() || worst->visible >= least_visible) return;
        scene.objects.erase(worst);
    }
}

/// Free space needed between two objects: `room` 1 means touching circles, less lets the smaller one be overlapped.
bool fits(const Scene& scene, const SceneObject& object, float room) {
    return std::all_of(scene.objects.begin(), scene.objects.end(), [&](const SceneObject& other) {
        const float big = std::max(object.radius, other.radius), small = std::min(object.radius, other.radius);
        const float needed = big + room * small;
        const float dx = object.cx - other.cx, dy = object.cy - other.cy;
        return dx * dx + dy * dy >= needed * needed;
    });
}

bool place(Scene& scene, SceneObject& object, float room, Rng& rng) {
    const float margin = object.radius * shapes::reach + 1.0F;
    for (int attempt = 0; attempt < 40; ++attempt) {
        object.cx = float(rng.uniform(margin, float(scene.width) - margin));
        object.cy = float(rng.uniform(margin, float(scene.height) - margin));
        if (fits(scene, object, room)) return true;
    }
    return false;
}

Scene attempt_scene(const LayoutOptions& options, Rng& rng) {
    Scene scene;
    const int long_side = rng.uniform_int(options.min_side, options.max_side);
    const int short_side = int(float(long_side) * float(rng.uniform(0.7, 1.0)) + 0.5F);
    const bool portrait = rng.chance(0.4);
    scene.width = portrait ? short_side : long_side;
    scene.height = portrait ? long_side : short_side;
    scene.background_seed = rng.next();

    const int wanted = rng.uniform_int(options.min_objects, options.max_objects);
    const auto shapes = palette<Shape, shape_names.size()>(rng, rng.uniform_int(2, wanted > 6 ? 5 : 4));
    const auto colours = palette<Colour, colour_names.size()>(rng, rng.uniform_int(2, wanted > 6 ? 6 : 4));
    const double patterned = rng.chance(0.5) ? 0.35 : 0.08;
    const float room = float(rng.uniform(0.15, 1.15));
    for (int i = 0; i < wanted; ++i) {
        SceneObject object;
        object.shape = rng.pick(shapes);
        object.colour = rng.pick(colours);
        object.size = SizeClass(rng.uniform_int(0, 2));
        if (wanted > 8 && object.size == SizeClass::large && rng.chance(0.5)) object.size = SizeClass::small;
        if (rng.chance(patterned)) object.pattern = rng.chance(0.5) ? Pattern::striped : Pattern::dotted;
        const auto size = std::size_t(object.size);
        object.radius = scene.short_side() * float(rng.uniform(least_radius[size], largest_radius[size]));
        const double limit = turn_limit(object.shape);
        rotate(object, rng.uniform(-1.0, 1.0) * limit);
        if (limit >= 1.0 && rng.chance(0.5)) {
            object.cosine = -object.cosine;
            object.sine = -object.sine;
        }
        object.look = std::uint32_t(rng.next() >> 32);
        if (place(scene, object, room, rng)) scene.objects.push_back(object);
    }
    // Placing big ones first would put them behind always; a random depth order hides large and small alike.
    rng.shuffle(scene.objects);
    drop_buried(scene);
    return scene;
}

}  // namespace

void check(const LayoutOptions& options) {
    if (options.min_objects < 1 || options.max_objects > max_scene_objects ||
        options.min_objects > options.max_objects) {
        fail(ErrorCode::invalid_argument, "scenes need 1 <= min_objects <= max_objects <= {}, not {} and {}",
             max_scene_objects, options.min_objects, options.max_objects);
    }
    if (options.min_side < 64 || options.max_side > 4096 || options.min_side > options.max_side) {
        fail(ErrorCode::invalid_argument, "scenes need 64 <= min_side <= max_side <= 4096 pixels, not {} and {}",
             options.min_side, options.max_side);
    }
}

Scene generate_scene(const LayoutOptions& options, Rng& rng) {
    check(options);
    Scene best;
    for (int attempt = 0; attempt < 100; ++attempt) {
        Scene scene = attempt_scene(options, rng);
        if (int(scene.objects.size()) >= options.min_objects) return scene;
        if (scene.objects.size() > best.objects.size() || attempt == 0) best = std::move(scene);
    }
    fail(ErrorCode::invalid_argument,
         "no room for {} objects in a picture (the best attempt held {}): lower min_objects", options.min_objects,
         best.objects.size());
}

}  // namespace vglaw
