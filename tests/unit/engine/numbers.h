// Random numbers for the engine's tests.
#pragma once

#include <cstddef>
#include <random>
#include <vector>

namespace vglaw::engine {

inline std::vector<float> normal_numbers(std::size_t count, unsigned seed, float std = 1) {
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal(0, std);
    std::vector<float> values(count);
    for (auto& value : values) value = normal(generator);
    return values;
}

}  // namespace vglaw::engine
