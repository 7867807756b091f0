#include "vglaw/model/int8_weight.h"

#include <algorithm>
#include <cmath>

namespace vglaw {

Int8Weight to_int8(std::span<const float> weight, std::size_t out) {
    const std::size_t in = out == 0 ? 0 : weight.size() / out;
    Int8Weight made;
    made.values.resize(weight.size());
    made.scales.resize(out);
    for (std::size_t j = 0; j < out; ++j) {
        const auto row = weight.subspan(j * in, in);
        float largest = 0;
        for (const float value : row) largest = std::max(largest, std::abs(value));
        made.scales[j] = largest / 127;
        // in double, so that the largest weight itself comes to 127 exactly
        const double inverse = largest > 0 ? 127.0 / double(largest) : 0.0;
        for (std::size_t k = 0; k < in; ++k)
            made.values[j * in + k] = static_cast<std::int8_t>(std::lrint(double(row[k]) * inverse));
    }
    return made;
}

std::vector<float> from_int8(std::span<const std::int8_t> values, std::span<const float> scales) {
    std::vector<float> weight(values.size());
    const std::size_t in = scales.empty() ? 0 : values.size() / scales.size();
    for (std::size_t j = 0; j < scales.size(); ++j) {
        for (std::size_t k = 0; k < in; ++k) weight[j * in + k] = scales[j] * float(values[j * in + k]);
    }
    return weight;
}

bool may_be_int8(std::string_view name) {
    const auto ends = [&](std::string_view end) { return name.ends_with(end); };
    return name.starts_with("visual_encoder.blocks.") && (ends(".attn.qkv.weight") || ends(".attn.proj.weight") ||
                                                          ends(".mlp.fc1.weight") || ends(".mlp.fc2.weight"));
}

std::string scale_name(std::string_view name) { return std::string(name) + "_scale"; }

}  // namespace vglaw
