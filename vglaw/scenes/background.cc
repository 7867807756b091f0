#include "vglaw/scenes/background.h"

#include <algorithm>
#include <array>

#include "vglaw/core/rng.h"

namespace vglaw {
namespace {

using Rgb = std::array<int, 3>;

constexpr std::uint32_t hash(std::uint32_t x, std::uint32_t y, std::uint32_t seed) {
    std::uint32_t value = x * 0x9e3779b1U ^ y * 0x85ebca77U ^ seed;
    value = (value ^ (value >> 15)) * 0x2c1b3c6dU;
    value = (value ^ (value >> 12)) * 0x297a2d39U;
    return value ^ (value >> 15);
}

/// Value noise in [0, 255]: a lattice of random values, `cell` pixels apart, smoothly blended; integers throughout.
class Clouds {
public:
    Clouds(int cell, std::uint32_t seed) : cell_(cell), seed_(seed) {}
    [[nodiscard]] int at(int y, int x) const {
        const int column = x / cell_, row = y / cell_;
        const int u = ease((x % cell_) * 256 / cell_), v = ease((y % cell_) * 256 / cell_);
        const int top = corner(row, column) * (256 - u) + corner(row, column + 1) * u;
        const int bottom = corner(row + 1, column) * (256 - u) + corner(row + 1, column + 1) * u;
        return (top * (256 - v) + bottom * v) >> 16;
    }

private:
    static int ease(int t) { return (t * t * (768 - 2 * t)) >> 16; }  // 3 t^2 - 2 t^3 in 8 bits
    [[nodiscard]] int corner(int row, int column) const {
        return int(hash(std::uint32_t(column), std::uint32_t(row), seed_) & 255U);
    }
    int cell_;
    std::uint32_t seed_;
};

enum class Texture { smooth, checks, stripes, planks, clouds };

}  // namespace

void draw_background(Image& image, std::uint64_t seed) {
    Rng rng(seed);
    // A dull base colour with a visible tint, so that gray, white and black objects differ from it.
    const int light = rng.uniform_int(105, 195);
    Rgb base{}, second{};
    for (int c = 0; c < 3; ++c) base[std::size_t(c)] = light + rng.uniform_int(-26, 26);
    const int contrast = rng.uniform_int(10, 26);
    const int away = rng.chance(0.5) ? contrast : -contrast;
    for (std::size_t c = 0; c < 3; ++c) second[c] = base[c] + away + rng.uniform_int(-6, 6);
    const auto texture = Texture(rng.uniform_int(0, 4));
    const int short_side = std::min(image.width, image.height);
    const int cell = std::max(4, short_side / rng.uniform_int(4, 14));
    const int slope_x = rng.uniform_int(-24, 24), slope_y = rng.uniform_int(-24, 24);
    const int lean = rng.uniform_int(-1, 1);
    const int grain = rng.uniform_int(1, 9);
    const auto noise_seed = std::uint32_t(rng.next());
    const Clouds clouds(cell, noise_seed);
    const Clouds fine(std::max(3, cell / 3), noise_seed ^ 0x5bd1e995U);
    const int denominator_x = std::max(1, image.width), denominator_y = std::max(1, image.height);

    for (int y = 0; y < image.height; ++y) {
        std::uint8_t* out = image.pixel(y, 0);
        for (int x = 0; x < image.width; ++x, out += 3) {
            int mix = 0;  // 0: base, 256: second
            switch (texture) {
                case Texture::smooth:
                    break;
                case Texture::checks:
                    mix = ((x / cell + y / cell) & 1) * 256;
                    break;
                case Texture::stripes:
                    mix = (((x + lean * y + 16384 * cell) / cell) & 1) * 256;
                    break;
                case Texture::planks:
                    mix = y % cell < 2 ? 320 : int(hash(0, std::uint32_t(y / cell), noise_seed) & 127U);
                    break;
                case Texture::clouds:
                    mix = (2 * clouds.at(y, x) + fine.at(y, x)) / 3;
                    break;
            }
            const int rough = int(hash(std::uint32_t(x), std::uint32_t(y), noise_seed) & 255U) - 128;
            const int shift = slope_x * x / denominator_x + slope_y * y / denominator_y + rough * grain / 128;
            for (std::size_t c = 0; c < 3; ++c) {
                out[c] = std::uint8_t(std::clamp(base[c] + (second[c] - base[c]) * mix / 256 + shift, 0, 255));
            }
        }
    }
}

}  // namespace vglaw
