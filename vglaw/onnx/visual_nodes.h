// The visual encoder as nodes (model.md section 3).
#pragma once

#include <vector>

#include "vglaw/onnx/exported_weights.h"
#include "vglaw/onnx/graph_builder.h"

namespace vglaw::onnx {

/// images (B, 3, S, S) -> F_v (B, N, C). phi: of generate_weights.
Value encode_image(GraphBuilder& graph, const ExportedWeights& weights, const Value& images,
                   const std::vector<Value>& phi);

}  // namespace vglaw::onnx
