// Weights of a linear layer as int8: symmetric, a scale for each output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vglaw {

/// W[j, k] = scales[j] values[j, k].
struct Int8Weight {
    std::vector<std::int8_t> values;  ///< (out, in), in [-127, 127]
    std::vector<float> scales;        ///< (out); 0 for an output whose weights are all 0
};

/// weight: (out, in), finite. Rounds to nearest with scales[j] = max |W[j]| / 127, so that nothing is clipped.
[[nodiscard]] Int8Weight to_int8(std::span<const float> weight, std::size_t out);
/// values: (out, in), scales: (out) -> (out, in).
[[nodiscard]] std::vector<float> from_int8(std::span<const std::int8_t> values, std::span<const float> scales);

/// Whether a tensor of the network may be int8 in a model file: the weights of the visual blocks' four products, where
/// nine tenths of the work is.
[[nodiscard]] bool may_be_int8(std::string_view name);
/// The tensor that holds an int8 tensor's scales: its name and "_scale".
[[nodiscard]] std::string scale_name(std::string_view name);

}  // namespace vglaw
