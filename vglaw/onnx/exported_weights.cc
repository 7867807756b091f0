#include "vglaw/onnx/exported_weights.h"

#include <algorithm>
#include <cmath>

#include "vglaw/core/error.h"

namespace vglaw::onnx {

std::vector<float> ExportedWeights::values(const std::string& name) const {
    const TensorView& view = bundle_.tensor(name);
    auto values = view.to_float();
    if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) {
        fail(ErrorCode::corrupt_data, "{}: tensor '{}' holds a number that is not finite; the file is damaged",
             bundle_.path.string(), name);
    }
    bundle_.file.done_with(view);
    return values;
}

Value ExportedWeights::as_is(const std::string& name) const {
    return graph_.weights(name, bundle_.tensor(name).shape, values(name));
}

Value ExportedWeights::linear(const Value& x, const std::string& name) const {
    const auto bias = values(name + ".bias"), weight = values(name + ".weight");
    const std::size_t out = bias.size(), in = weight.size() / out;
    const Value product = graph_.matmul(
        x, graph_.weights(name + ".weight", {std::int64_t(in), std::int64_t(out)}, transposed(weight, out, in)));
    return graph_.add(product, graph_.weights(name + ".bias", {std::int64_t(out)}, bias));
}

Value ExportedWeights::layer_norm(const Value& x, const std::string& name, float eps) const {
    return graph_.layer_norm(x, as_is(name + ".weight"), as_is(name + ".bias"), eps);
}

std::vector<float> transposed(const std::vector<float>& matrix, std::size_t rows, std::size_t columns) {
    std::vector<float> turned(matrix.size());
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < columns; ++j) turned[j * rows + i] = matrix[i * columns + j];
    }
    return turned;
}

}  // namespace vglaw::onnx
