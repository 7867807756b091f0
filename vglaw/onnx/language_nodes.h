// The language side as nodes: BERT's layers, and what the expression makes of each block's weights (model.md sections
// 1, 2).
#pragma once

#include <vector>

#include "vglaw/onnx/exported_weights.h"
#include "vglaw/onnx/graph_builder.h"

namespace vglaw::onnx {

/// token_mask (B, L) int64 -> (B, 1, 1, L) float to add to scores: 0 where a token stands, the lowest number elsewhere.
Value mask_scores(GraphBuilder& graph, const Value& token_mask);

/// F_l (B, L, d_l). scores_mask: of mask_scores.
Value encode_text(GraphBuilder& graph, const ExportedWeights& weights, const Value& ids, const Value& scores_mask);

/// For every block of the visual encoder Phi^T (B, d_w, d_w), or an empty name where the block keeps W0.
std::vector<Value> generate_weights(GraphBuilder& graph, const ExportedWeights& weights, const Value& F_l,
                                    const Value& scores_mask);

}  // namespace vglaw::onnx
