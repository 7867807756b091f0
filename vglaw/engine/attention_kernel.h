// One head of one window: attention with decomposed relative positions, in tiles of a few queries, so that no N x N
// matrix is ever in memory (model.md section 3; the tiling follows FlashAttention's idea without its online softmax,
// since a tile's row of at most a few thousand keys fits the cache whole).
#pragma once

#include <cstddef>

#include "vglaw/engine/floats.h"

namespace vglaw::engine {

/// A table of relative positions as the kernel reads it: for queries at q, n keys' rows begin at column n - 1 - q.
/// data: (head_dim, stride) with data[c, j] = table[2n - 2 - j, c], columns from 2n - 1 on zero.
struct PositionTable {
    Floats data;
    std::size_t stride = 0;
};

/// table: (2n - 1, head_dim), as in the model file.
[[nodiscard]] PositionTable make_position_table(const float* table, int n, int head_dim);

/// What one call attends over. All heads and windows of a picture read the same qkv.
struct AttentionWindow {
    const float* qkv = nullptr;      ///< (grid * grid, 3 * heads * head_dim), tokens in the picture's order
    const float* padding = nullptr;  ///< (3 * heads * head_dim): qkv of a token beyond the grid
    int grid = 0;                    ///< tokens along one side of the picture
    int row = 0, column = 0;         ///< the window's first token
    int side = 0;                    ///< n, tokens along one side of the window; tokens beyond the grid are keys too
    int heads = 0, head_dim = 0, head = 0;
    const PositionTable* rows = nullptr;     ///< rel_pos_h
    const PositionTable* columns = nullptr;  ///< rel_pos_w
    float* out = nullptr;                    ///< (grid * grid, heads * head_dim); written for this window and head
};

/// Floats of scratch that attend needs.
[[nodiscard]] std::size_t attention_scratch(int side, int head_dim);
/// scratch: attention_scratch(side, head_dim) floats, 64-byte aligned.
void attend(const AttentionWindow& window, float* scratch);

}  // namespace vglaw::engine
