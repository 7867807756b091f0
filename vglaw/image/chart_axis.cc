#include "vglaw/image/chart_axis.h"

#include <fmt/format.h>

#include <cmath>

namespace vglaw {

int ChartAxis::ticks() const { return int(std::lround((high - low) / step)) + 1; }

std::string ChartAxis::label(int tick) const {
    const double value = low + tick * step;  // multiplied, not summed: no 0.30000000000000004
    return fmt::format("{:.6g}", std::abs(value) < step * 1e-9 ? 0.0 : value);
}

ChartAxis round_axis(double low, double high, int wanted) {
    if (low > high) return {};  // no points at all
    if (high - low <= std::abs(high) * 1e-12) {
        const double half = low == 0 ? 0.5 : std::abs(low) * 0.1;  // one value: give it room
        low -= half;
        high += half;
    }
    const double raw = high / wanted - low / wanted;
    const double power = std::pow(10.0, std::floor(std::log10(raw)));
    const double lead = raw / power;
    const double step = power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
    return {std::floor(low / step + 1e-9) * step, std::ceil(high / step - 1e-9) * step, step};
}

}  // namespace vglaw
