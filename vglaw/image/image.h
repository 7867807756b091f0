// An 8-bit RGB picture in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace vglaw {

/// Row-major, interleaved [height, width, 3], RGB, 0-255.
struct Image {
    int width = 0, height = 0;
    std::vector<std::uint8_t> rgb;

    Image() = default;
    Image(int columns, int rows) : width(columns), height(rows), rgb(std::size_t(columns) * std::size_t(rows) * 3) {}
    [[nodiscard]] const std::uint8_t* pixel(int y, int x) const {
        return rgb.data() + (std::size_t(y) * std::size_t(width) + std::size_t(x)) * 3;
    }
    std::uint8_t* pixel(int y, int x) {
        return rgb.data() + (std::size_t(y) * std::size_t(width) + std::size_t(x)) * 3;
    }
    [[nodiscard]] bool empty() const { return rgb.empty(); }
    friend bool operator==(const Image&, const Image&) = default;
};

}  // namespace vglaw
