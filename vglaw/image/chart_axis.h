// The axis of a chart: round numbers that enclose the data.
#pragma once

#include <limits>
#include <string>

namespace vglaw {

/// From `low` to `high`, both multiples of `step`.
struct ChartAxis {
    double low = 0, high = 1, step = 0.2;
    [[nodiscard]] double share(double value) const { return (value - low) / (high - low); }
    [[nodiscard]] int ticks() const;
    [[nodiscard]] std::string label(int tick) const;
};

/// Steps of 1, 2 or 5 times a power of ten, about `wanted` of them. low > high: there are no data, 0 to 1.
[[nodiscard]] ChartAxis round_axis(double low, double high, int wanted);

struct ChartRange {
    double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
    void include(double value) {
        low = value < low ? value : low;
        high = value > high ? value : high;
    }
};

/// Beyond this nothing useful can be drawn and differences overflow; nor is NaN.
[[nodiscard]] inline bool drawable(double value) { return value > -1e300 && value < 1e300; }

}  // namespace vglaw
