// What every pixel of a generated picture shows: dense truth that files of referring expressions do not have.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace vglaw {

/// How many values each attribute of an object has: shape, colour, size class.
using LabelClasses = std::array<int, 3>;
/// The attributes of one object, each in [0, its number of values).
using ObjectLabels = std::array<std::uint8_t, 3>;

struct LabelMap {
    int height = 0, width = 0;
    std::vector<std::uint8_t> owner;  ///< [height, width]: index into `objects`, or `background`
    std::vector<ObjectLabels> objects;

    static constexpr std::uint8_t background = 255;

    [[nodiscard]] bool empty() const { return owner.empty(); }
    [[nodiscard]] std::uint8_t at(int y, int x) const {
        return owner[std::size_t(y) * std::size_t(width) + std::size_t(x)];
    }
};

}  // namespace vglaw
