#include "vglaw/scenes/render.h"

#include <algorithm>
#include <array>

#include "vglaw/scenes/background.h"
#include "vglaw/scenes/shapes.h"

namespace vglaw {
namespace {

using Rgb = std::array<float, 3>;

constexpr std::array<Rgb, 12> pure_colours = {{
    {214, 38, 40},    // red
    {247, 138, 20},   // orange
    {250, 222, 40},   // yellow
    {38, 158, 58},    // green
    {38, 78, 218},    // blue
    {132, 48, 176},   // purple
    {252, 140, 192},  // pink
    {122, 72, 34},    // brown
    {246, 246, 246},  // white
    {28, 28, 30},     // black
    {132, 132, 134},  // gray
    {48, 208, 222},   // cyan
}};

/// How light falls on a point: colour * shade, then towards white by gloss.
struct Light {
    float shade = 1, gloss = 0;
};

Light light_on(const shapes::Ball&, float u, float v) {
    const float dx = u + 0.36F, dy = v + 0.40F;
    const float away = dx * dx + dy * dy;
    return {1.10F - 0.20F * away, std::max(0.0F, 0.55F - 4.0F * away)};
}
Light light_on(const shapes::Cube&, float u, float v) {
    constexpr float edge = shapes::Cube::half - shapes::Cube::depth / 2;
    if (u <= edge && v >= -edge) return {0.94F - 0.06F * (u + v), 0};
    return -edge - v > u - edge ? Light{1.08F, 0.22F} : Light{0.66F, 0};
}
Light light_on(const shapes::Cylinder&, float u, float v) {
    using C = shapes::Cylinder;
    if (C::end(u, v + C::half_height) < 0) return {1.08F, 0.22F};
    const float across = u + 0.2F;
    return {1.06F - 0.75F * across * across, 0};
}
Light light_on(const shapes::Ring&, float u, float v) {
    const float bulge = shapes::absolute(shapes::length(u, v) - shapes::Ring::middle) / shapes::Ring::half;
    return {1.02F - 0.22F * bulge * bulge - 0.08F * (u + v), std::max(0.0F, 0.25F - bulge)};
}
template <typename Flat>
Light light_on(const Flat&, float u, float v) {
    return {1.0F - 0.11F * (u + v), 0};
}

struct Paint {
    Rgb base, second, rim;
    Pattern pattern;
    float along_x, along_y, phase;  // direction and start of the stripes or dots, in the shape's frame
};

Paint paint_of(const SceneObject& object) {
    Paint paint{};
    paint.pattern = object.pattern;
    std::uint32_t bits = object.look;
    const auto take = [&bits] {  // in [-1, 1)
        bits = bits * 1664525U + 1013904223U;
        return float(int(bits >> 16) - 32768) / 32768.0F;
    };
    const float tint = 7.0F * take();
    for (std::size_t c = 0; c < 3; ++c) {
        paint.base[c] = std::clamp(pure_colours[std::size_t(object.colour)][c] + tint + 6.0F * take(), 0.0F, 255.0F);
    }
    // Light colours carry dark marks, the others light ones: either way the base colour gives the name.
    const bool is_light = object.colour == Colour::white || object.colour == Colour::yellow ||
                          object.colour == Colour::pink || object.colour == Colour::cyan;
    paint.second = is_light ? Rgb{60, 58, 62} : Rgb{244, 242, 238};
    for (std::size_t c = 0; c < 3; ++c) paint.rim[c] = paint.base[c] * 0.45F;
    if (object.colour == Colour::black) paint.rim = {84, 84, 88};
    const float t = take();
    paint.along_x = (1 - t * t) / (1 + t * t);
    paint.along_y = 2 * t / (1 + t * t);
    paint.phase = take();
    return paint;
}

float fraction(float value) { return value - float(int(value + 64.0F) - 64); }

/// Share of the second colour at a point, antialiased: `sharp` is the radius in pixels.
float marks(const Paint& paint, float u, float v, float sharp) {
    const float a = u * paint.along_x + v * paint.along_y + paint.phase;
    if (paint.pattern == Pattern::striped) {
        constexpr float period = 0.52F, half = 0.20F;  // of the period
        const float from_middle = shapes::absolute(fraction(a / period) - 0.5F) - half;
        return std::clamp(0.5F - from_middle * period * sharp, 0.0F, 1.0F);
    }
    constexpr float period = 0.50F, dot = 0.155F;
    const float b = v * paint.along_x - u * paint.along_y + paint.phase;
    const float x = (fraction(a / period) - 0.5F) * period, y = (fraction(b / period) - 0.5F) * period;
    return std::clamp(0.5F - (shapes::length(x, y) - dot) * sharp, 0.0F, 1.0F);
}

/// Calls at(x, y, u, v) for the pixels whose centres lie in the square around the object.
template <typename At>
void for_pixels(const Scene& scene, const SceneObject& object, At&& at) {
    const float reach = object.radius * shapes::reach + 1.0F;
    const int x0 = std::max(0, int(object.cx - reach)), x1 = std::min(scene.width, int(object.cx + reach) + 1);
    const int y0 = std::max(0, int(object.cy - reach)), y1 = std::min(scene.height, int(object.cy + reach) + 1);
    const float scale = 1.0F / object.radius;
    const float c = object.cosine * scale, s = object.sine * scale;
    for (int y = y0; y < y1; ++y) {
        const float dy = float(y) + 0.5F - object.cy;
        for (int x = x0; x < x1; ++x) {
            const float dx = float(x) + 0.5F - object.cx;
            at(x, y, dx * c + dy * s, dy * c - dx * s);
        }
    }
}

template <typename Outline>
void draw(const Scene& scene, const SceneObject& object, std::uint8_t index, Outline outline, Rendering& out) {
    const Paint paint = paint_of(object);
    const float radius = object.radius;
    const float rim_width = std::max(1.0F, 0.07F * radius);
    for_pixels(scene, object, [&](int x, int y, float u, float v) {
        const float distance = outline(u, v) * radius;  // pixels
        if (distance >= 0.5F) return;
        const float coverage = std::min(1.0F, 0.5F - distance);
        const Light light = light_on(outline, u, v);
        const float mark = paint.pattern == Pattern::plain ? 0.0F : marks(paint, u, v, radius);
        const float rim = std::clamp(rim_width + distance + 0.5F, 0.0F, 1.0F);
        std::uint8_t* pixel = out.image.pixel(y, x);
        for (std::size_t c = 0; c < 3; ++c) {
            float value = paint.base[c] + (paint.second[c] - paint.base[c]) * mark;
            value = std::min(255.0F, value * light.shade);
            value += (255.0F - value) * light.gloss;
            value += (paint.rim[c] - value) * rim;
            const float behind = float(pixel[c]);
            pixel[c] = std::uint8_t(behind + (value - behind) * coverage + 0.5F);
        }
        if (distance < 0) out.owner[std::size_t(y) * std::size_t(scene.width) + std::size_t(x)] = index;
    });
}

}  // namespace

Mask Rendering::visible_mask(int object) const {
    Mask mask(image.height, image.width);
    for (std::size_t i = 0; i < owner.size(); ++i) mask.pixels[i] = owner[i] == object ? 1 : 0;
    return mask;
}

BoxXyxy Rendering::visible_box_px(int object) const {
    int x0 = image.width, y0 = image.height, x1 = 0, y1 = 0;
    const std::uint8_t* at = owner.data();
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x, ++at) {
            if (*at != object) continue;
            x0 = std::min(x0, x);
            x1 = std::max(x1, x + 1);
            y0 = std::min(y0, y);
            y1 = y + 1;
        }
    }
    return x1 == 0 ? BoxXyxy{} : BoxXyxy{float(x0), float(y0), float(x1), float(y1)};
}

Rendering render(const Scene& scene) {
    Rendering out;
    out.image = Image(scene.width, scene.height);
    out.owner.assign(std::size_t(scene.width) * std::size_t(scene.height), Rendering::background);
    draw_background(out.image, scene.background_seed);
    for (std::size_t i = 0; i < scene.objects.size(); ++i) {
        const SceneObject& object = scene.objects[i];
        shapes::visit(object.shape, [&](auto outline) { draw(scene, object, std::uint8_t(i), outline, out); });
    }
    return out;
}

Mask full_mask(const Scene& scene, int object) {
    Mask mask(scene.height, scene.width);
    const SceneObject& one = scene.objects[std::size_t(object)];
    shapes::visit(one.shape, [&](auto outline) {
        for_pixels(scene, one, [&](int x, int y, float u, float v) {
            if (outline(u, v) * one.radius < 0) mask.at(y, x) = 1;
        });
    });
    return mask;
}

}  // namespace vglaw
