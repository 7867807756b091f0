// Attention of one block as nodes: windows or the whole picture, decomposed relative positions (model.md section 3).
#pragma once

#include <string>
#include <vector>

#include "vglaw/onnx/exported_weights.h"
#include "vglaw/onnx/graph_builder.h"

namespace vglaw::onnx {

/// What a key of an n x n window has beside its d components, (n n, d + 2n): 1 at d + its row and at d + n + its
/// column.
Value key_places(GraphBuilder& graph, std::int64_t n, std::int64_t head_dim);

class WindowAttention {
public:
    /// places: key_places of this block's side.
    WindowAttention(GraphBuilder& graph, const ExportedWeights& weights, int block, Value places);

    /// (B, h w, C) -> (B, H W, C): zeros below and on the right up to whole windows.
    [[nodiscard]] Value pad(const Value& x) const;
    /// x (B, H W, C + d_w), what [W0 | P] multiplies; P (3C, d_w), empty for a block that keeps W0. Returns (B, h w,
    /// C), the padding cropped, before the output projection.
    [[nodiscard]] Value attend(const Value& x, const std::vector<float>& P) const;

private:
    /// Part 0, 1, 2: q, k, v as (B, windows down, n, windows across, n, heads, d). q comes divided by sqrt(d).
    [[nodiscard]] Value project(const Value& x, const std::vector<float>& P, int part) const;
    /// (B, windows down, n, windows across, n, heads, d) -> (B * windows * heads, n, n, d); by column: n across first.
    [[nodiscard]] Value windows(const Value& x, bool by_column = false) const;
    /// For q = (groups, n, n, d): (n, d, n') with the rows q meets at each of its n places, for keys at n'.
    [[nodiscard]] Value position_table(const std::string& name) const;
    [[nodiscard]] Value crop(const Value& x) const;

    GraphBuilder& graph_;
    const ExportedWeights& weights_;
    std::string name_;
    Value places_;
    std::int64_t dim_, heads_, head_, grid_, n_, across_;
};

}  // namespace vglaw::onnx
