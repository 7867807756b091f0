#include "vglaw/model/position_tables.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

/// Where output `i` of `target` looks among `side` inputs: pixel centres, so half a pixel is added and taken away.
double source_of(int i, int side, int target) { return (i + 0.5) * double(side) / target - 0.5; }

struct Taps {
    std::array<std::size_t, 4> index;
    std::array<double, 4> weight;
};

/// Keys' cubic convolution with a = -0.75, PyTorch's; beyond the border the border's value.
Taps bicubic_taps(int i, int side, int target) {
    constexpr double a = -0.75;
    const double source = source_of(i, side, target), floor = std::floor(source), t = source - floor;
    const auto near = [](double x) { return ((a + 2) * x - (a + 3)) * x * x + 1; };
    const auto far = [](double x) { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a; };
    Taps taps{{}, {far(t + 1), near(t), near(1 - t), far(2 - t)}};
    for (int k = 0; k < 4; ++k) {
        taps.index[std::size_t(k)] = std::size_t(std::clamp(int(floor) - 1 + k, 0, side - 1));
    }
    return taps;
}

}  // namespace

std::vector<float> resize_position_grid(std::span<const float> grid, int side, int target, int width) {
    if (side < 1 || target < 1 || width < 1 ||
        grid.size() != std::size_t(side) * std::size_t(side) * std::size_t(width)) {
        fail(ErrorCode::invalid_argument, "a position grid of {} numbers is not {} x {} x {}", grid.size(), side, side,
             width);
    }
    if (side == target) return {grid.begin(), grid.end()};
    const std::size_t columns = std::size_t(side), channels = std::size_t(width), out_side = std::size_t(target);
    std::vector<float> resized(out_side * out_side * channels);
    for (int y = 0; y < target; ++y) {
        const Taps rows = bicubic_taps(y, side, target);
        for (int x = 0; x < target; ++x) {
            const Taps across = bicubic_taps(x, side, target);
            float* out = resized.data() + (std::size_t(y) * out_side + std::size_t(x)) * channels;
            for (std::size_t c = 0; c < channels; ++c) {
                double sum = 0;
                for (std::size_t i = 0; i < 4; ++i) {
                    for (std::size_t j = 0; j < 4; ++j) {
                        sum += rows.weight[i] * across.weight[j] *
                               double(grid[(rows.index[i] * columns + across.index[j]) * channels + c]);
                    }
                }
                out[c] = float(sum);
            }
        }
    }
    return resized;
}

std::string_view name_of(RelativePositions how) { return how == RelativePositions::crop ? "crop" : "interpolate"; }

std::vector<float> fit_relative_table(std::span<const float> table, int target, int width, RelativePositions how) {
    if (target < 1 || width < 1 || table.empty() || table.size() % std::size_t(width) != 0) {
        fail(ErrorCode::invalid_argument, "a table of {} numbers has no rows of {}", table.size(), width);
    }
    const std::size_t channels = std::size_t(width);
    const int rows = int(table.size() / channels);
    if (rows == target) return {table.begin(), table.end()};
    if (how == RelativePositions::crop) {
        if (rows < target || (rows - target) % 2 != 0) {
            fail(ErrorCode::invalid_argument,
                 "a table of {} relative positions cannot be cropped to {}; use --rel-pos interpolate", rows, target);
        }
        const auto middle = table.subspan(std::size_t((rows - target) / 2) * channels, std::size_t(target) * channels);
        return {middle.begin(), middle.end()};
    }
    std::vector<float> fitted(std::size_t(target) * channels);
    for (int i = 0; i < target; ++i) {
        const double source = std::max(0.0, source_of(i, rows, target));
        const int low = std::min(int(source), rows - 1), high = std::min(low + 1, rows - 1);
        const double t = source - low;
        for (std::size_t c = 0; c < channels; ++c) {
            fitted[std::size_t(i) * channels + c] = float((1 - t) * double(table[std::size_t(low) * channels + c]) +
                                                          t * double(table[std::size_t(high) * channels + c]));
        }
    }
    return fitted;
}

}  // namespace vglaw
