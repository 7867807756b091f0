// The model file's tensors as the graph's initializers: checked to be finite, linear layers turned to [in, out], which
// is how MatMul takes them.
#pragma once

#include <string>
#include <vector>

#include "vglaw/model/bundle.h"
#include "vglaw/onnx/graph_builder.h"

namespace vglaw::onnx {

class ExportedWeights {
public:
    ExportedWeights(const ModelBundle& bundle, GraphBuilder& graph) : bundle_(bundle), graph_(graph) {}

    [[nodiscard]] const ModelConfig& config() const { return bundle_.config; }
    /// Throws corrupt_data for a number that is not finite, naming the tensor.
    [[nodiscard]] std::vector<float> values(const std::string& name) const;
    /// The tensor as it is, by its own name.
    Value as_is(const std::string& name) const;

    /// x (..., in) -> (..., out) by tensors `name`.weight [out, in] and `name`.bias.
    Value linear(const Value& x, const std::string& name) const;
    /// Over the last axis by `name`.weight and `name`.bias.
    Value layer_norm(const Value& x, const std::string& name, float eps) const;

private:
    const ModelBundle& bundle_;
    GraphBuilder& graph_;
};

/// (rows, columns) -> (columns, rows), row-major.
[[nodiscard]] std::vector<float> transposed(const std::vector<float>& matrix, std::size_t rows, std::size_t columns);

}  // namespace vglaw::onnx
