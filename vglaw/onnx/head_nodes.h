// The two heads as nodes (model.md section 4).
#pragma once

#include "vglaw/onnx/exported_weights.h"
#include "vglaw/onnx/graph_builder.h"

namespace vglaw::onnx {

struct BoxNodes {
    Value boxes_cxcywh;    ///< (B, 4)
    Value pool_attention;  ///< (B, h, w); empty name unless box_head.pool = lap
};

/// F_v (B, N, C), cls (B, d_l): the expression's vector F_l^1.
BoxNodes predict_box(GraphBuilder& graph, const ExportedWeights& weights, const Value& F_v, const Value& cls);
/// Logits (B, S, S). folded: see ExportOptions.
Value predict_mask(GraphBuilder& graph, const ExportedWeights& weights, const Value& F_v, const Value& cls,
                   bool folded);

}  // namespace vglaw::onnx
