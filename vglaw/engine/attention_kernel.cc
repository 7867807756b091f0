#include "vglaw/engine/attention_kernel.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "vglaw/engine/attention_kernel.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "vglaw/engine/vector_math-inl.h"

#ifndef VGLAW_ENGINE_ATTENTION_KERNEL_ONCE
#define VGLAW_ENGINE_ATTENTION_KERNEL_ONCE
namespace vglaw::engine {
namespace {

/// Rows are padded to the widest vector (AVX-512), whatever the machine: the scratch's layout does not depend on it.
constexpr std::size_t widest = 16;
constexpr int most_queries = 14;        // of a tile, whatever the machine
constexpr std::size_t panel_keys = 32;  // keys lie in panels of so many, which a tile reads from end to end

/// Where the parts of the scratch lie. N = side * side keys.
struct Layout {
    std::size_t keys, keys_padded, dim_padded, side_padded;
    std::size_t key, value, query, row_bias, column_bias, scores, result, total;

    Layout(int side, int head_dim)
        : keys(std::size_t(side) * std::size_t(side)),
          keys_padded(round_up(keys, panel_keys)),
          dim_padded(round_up(std::size_t(head_dim), widest)),
          side_padded(round_up(std::size_t(side), widest)) {
        key = 0;                                            // (keys_padded / 32, head_dim, 32), scaled
        value = key + std::size_t(head_dim) * keys_padded;  // (keys, dim_padded)
        query = value + keys * dim_padded;                  // (keys, dim_padded)
        row_bias = query + keys * dim_padded;               // (keys, side_padded)
        column_bias = row_bias + keys * side_padded;        // (keys, side_padded)
        scores = column_bias + keys * side_padded;          // (most_queries, keys_padded), and a vector beyond
        result = scores + std::size_t(most_queries) * keys_padded + widest;  // (most_queries, dim_padded)
        total = result + std::size_t(most_queries) * dim_padded;
    }
};

}  // namespace
}  // namespace vglaw::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace vglaw::engine::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// Accumulators of a tile: 14 x 2 of 32 registers (AVX-512), 6 x 2 of 16. 14 divides the sides of ViTDet's windows.
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
constexpr int tile_queries = 14;
#else
constexpr int tile_queries = 6;
#endif
static_assert(tile_queries <= most_queries);

/// c (R, Vectors * lanes) <- a (R rows) b (depth, ldb), added to c's content if `add`. The accumulators stay in
/// registers: R and Vectors are constants and every loop over them is unrolled.
template <int R, int Vectors>
HWY_INLINE void Tile(const float* const* a, std::size_t depth, const float* b, std::size_t ldb, bool add, float* c,
                     std::size_t ldc) {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    V sum[R][Vectors];
    for (int r = 0; r < R; ++r) {
        for (int v = 0; v < Vectors; ++v) {
            sum[r][v] = add ? hn::LoadU(d, c + std::size_t(r) * ldc + std::size_t(v) * lanes) : hn::Zero(d);
        }
    }
    for (std::size_t k = 0; k < depth; ++k) {
        V row[Vectors];
        for (int v = 0; v < Vectors; ++v) row[v] = hn::LoadU(d, b + k * ldb + std::size_t(v) * lanes);
        for (int r = 0; r < R; ++r) {
            const V value = hn::Set(d, a[r][k]);
            for (int v = 0; v < Vectors; ++v) sum[r][v] = hn::MulAdd(value, row[v], sum[r][v]);
        }
    }
    for (int r = 0; r < R; ++r) {
        for (int v = 0; v < Vectors; ++v) hn::StoreU(sum[r][v], d, c + std::size_t(r) * ldc + std::size_t(v) * lanes);
    }
}

/// What a row of b is a part of: rows `ldb` apart, or panels of panel_keys columns one after the other.
struct Columns {
    const float* b;
    std::size_t ldb;
    bool panels;
};

/// c (R, columns) over whole vectors: columns is a multiple of the lanes.
template <int R>
void Rows(const float* const* a, std::size_t depth, const Columns& b, std::size_t columns, bool add, float* c,
          std::size_t ldc) {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    constexpr int wide = 2;
    const auto at = [&](std::size_t j) {
        return b.panels ? b.b + j / panel_keys * panel_keys * depth + j % panel_keys : b.b + j;
    };
    std::size_t j = 0;
    for (; j + wide * lanes <= columns; j += wide * lanes) Tile<R, wide>(a, depth, at(j), b.ldb, add, c + j, ldc);
    for (; j < columns; j += lanes) Tile<R, 1>(a, depth, at(j), b.ldb, add, c + j, ldc);
}

template <int R = tile_queries>
void Product(const float* const* a, int rows, std::size_t depth, const Columns& b, std::size_t columns, bool add,
             float* c, std::size_t ldc) {
    if constexpr (R > 0) {
        if (rows == R) return Rows<R>(a, depth, b, columns, add, c, ldc);
        Product<R - 1>(a, rows, depth, b, columns, add, c, ldc);
    }
}

/// out (count, columns) <- rows of a, `step` floats apart, times b.
void Strided(const float* a, std::size_t step, int count, std::size_t depth, const float* b, std::size_t ldb,
             std::size_t columns, float* out, std::size_t out_step) {
    for (int first = 0; first < count; first += tile_queries) {
        const float* rows[tile_queries];
        const int some = std::min(tile_queries, count - first);
        for (int r = 0; r < some; ++r) rows[r] = a + std::size_t(first + r) * step;
        Product(rows, some, depth, {b, ldb, false}, columns, false, out + std::size_t(first) * out_step, out_step);
    }
}

/// to[c * panel_keys + j] <- scale * from[j][c], j < 4, c < count.
void TransposeFour(const float* const* from, std::size_t count, float scale, float* to) {
    std::size_t c = 0;
#if HWY_TARGET != HWY_SCALAR
    const hn::Full128<float> d;
    const auto factor = hn::Set(d, scale);
    for (; c + 4 <= count; c += 4) {
        const auto r0 = hn::LoadU(d, from[0] + c), r1 = hn::LoadU(d, from[1] + c), r2 = hn::LoadU(d, from[2] + c),
                   r3 = hn::LoadU(d, from[3] + c);
        const auto low01 = hn::InterleaveLower(d, r0, r1), low23 = hn::InterleaveLower(d, r2, r3),
                   high01 = hn::InterleaveUpper(d, r0, r1), high23 = hn::InterleaveUpper(d, r2, r3);
        hn::StoreU(hn::Mul(factor, hn::ConcatLowerLower(d, low23, low01)), d, to + c * panel_keys);
        hn::StoreU(hn::Mul(factor, hn::ConcatUpperUpper(d, low23, low01)), d, to + (c + 1) * panel_keys);
        hn::StoreU(hn::Mul(factor, hn::ConcatLowerLower(d, high23, high01)), d, to + (c + 2) * panel_keys);
        hn::StoreU(hn::Mul(factor, hn::ConcatUpperUpper(d, high23, high01)), d, to + (c + 3) * panel_keys);
    }
#endif
    for (; c < count; ++c) {
        for (std::size_t j = 0; j < 4; ++j) to[c * panel_keys + j] = scale * from[j][c];
    }
}

/// The window's tokens of this head: keys transposed, scaled and in panels, values and queries in rows of the window's
/// order.
void Gather(const AttentionWindow& w, const Layout& at, float* scratch) {
    const auto dim = std::size_t(w.head_dim), width = std::size_t(w.heads) * dim;
    const float scale = 1 / std::sqrt(float(w.head_dim));
    const auto token = [&](std::size_t index) {
        const int y = w.row + int(index) / w.side, x = w.column + int(index) % w.side;
        const bool inside = y < w.grid && x < w.grid;
        const float* of =
            inside ? w.qkv + (std::size_t(y) * std::size_t(w.grid) + std::size_t(x)) * 3 * width : w.padding;
        return of + std::size_t(w.head) * dim;
    };
    for (std::size_t first = 0; first < at.keys_padded; first += 4) {
        const float* keys[4];
        for (std::size_t j = 0; j < 4; ++j) {
            // Keys beyond the last fill its panel: their scores are computed and never looked at.
            const float* from = token(std::min(first + j, at.keys - 1));
            keys[j] = from + width;
            if (first + j >= at.keys) continue;
            std::copy_n(from, dim, scratch + at.query + (first + j) * at.dim_padded);
            float* value = scratch + at.value + (first + j) * at.dim_padded;
            std::copy_n(from + 2 * width, dim, value);
            std::fill_n(value + dim, at.dim_padded - dim, 0.0f);
        }
        TransposeFour(keys, dim, scale, scratch + at.key + first / panel_keys * panel_keys * dim + first % panel_keys);
    }
}

void Attend(const AttentionWindow& w, float* scratch) {
    const Layout at(w.side, w.head_dim);
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    const auto dim = std::size_t(w.head_dim), n = std::size_t(w.side), width = std::size_t(w.heads) * dim;
    Gather(w, at, scratch);

    // q R_h for the queries of one row of the window at a time, q R_w for those of one column: they share a slice.
    for (std::size_t i = 0; i < n; ++i) {
        const float* row_slice = w.rows->data.data() + (n - 1 - i);
        const float* column_slice = w.columns->data.data() + (n - 1 - i);
        Strided(scratch + at.query + i * n * at.dim_padded, at.dim_padded, w.side, dim, row_slice, w.rows->stride,
                round_up(n, lanes), scratch + at.row_bias + i * n * at.side_padded, at.side_padded);
        Strided(scratch + at.query + i * at.dim_padded, n * at.dim_padded, w.side, dim, column_slice, w.columns->stride,
                round_up(n, lanes), scratch + at.column_bias + i * at.side_padded, n * at.side_padded);
    }

    const int height = std::min(w.side, w.grid - w.row), across = std::min(w.side, w.grid - w.column);
    const int queries = height * across;  // padded tokens ask nothing
    for (int first = 0; first < queries; first += tile_queries) {
        const int some = std::min(tile_queries, queries - first);
        const float *asks[tile_queries], *shares[tile_queries];
        float sums[tile_queries];
        float* scores = scratch + at.scores;
        for (int r = 0; r < some; ++r) {
            const auto y = std::size_t((first + r) / across), x = std::size_t((first + r) % across);
            const std::size_t token = y * n + x;
            asks[r] = scratch + at.query + token * at.dim_padded;
            float* row = scores + std::size_t(r) * at.keys_padded;
            shares[r] = row;
            const float* by_row = scratch + at.row_bias + token * at.side_padded;
            const float* by_column = scratch + at.column_bias + token * at.side_padded;
            for (std::size_t key_row = 0; key_row < n; ++key_row) {
                const V down = hn::Set(d, by_row[key_row]);
                float* to = row + key_row * n;
                // Whole vectors: what is written beyond a row of keys is overwritten by the next.
                for (std::size_t i = 0; i < n; i += lanes)
                    hn::StoreU(hn::Add(down, hn::LoadU(d, by_column + i)), d, to + i);
            }
        }
        Product(asks, some, dim, {scratch + at.key, panel_keys, true}, round_up(at.keys, lanes), true, scores,
                at.keys_padded);
        for (int r = 0; r < some; ++r) sums[r] = ExpOfDifferences(d, scores + std::size_t(r) * at.keys_padded, at.keys);
        float* result = scratch + at.result;
        Product(shares, some, at.keys, {scratch + at.value, at.dim_padded, false}, at.dim_padded, false, result,
                at.dim_padded);
        for (int r = 0; r < some; ++r) {
            const auto y = std::size_t(w.row + (first + r) / across), x = std::size_t(w.column + (first + r) % across);
            float* to = w.out + (y * std::size_t(w.grid) + x) * width + std::size_t(w.head) * dim;
            const float inverse = 1 / sums[r];
            for (std::size_t c = 0; c < dim; ++c) to[c] = result[std::size_t(r) * at.dim_padded + c] * inverse;
        }
    }
}

}  // namespace vglaw::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vglaw::engine {

HWY_EXPORT(Attend);

PositionTable make_position_table(const float* table, int n, int head_dim) {
    const std::size_t length = 2 * std::size_t(n) - 1, dim = std::size_t(head_dim);
    PositionTable made;
    // a slice begins as late as n - 1 and is read in whole vectors
    made.stride = round_up(std::size_t(n) - 1 + round_up(std::size_t(n), widest), widest);
    made.data = Floats(dim * made.stride);
    for (std::size_t c = 0; c < dim; ++c) {
        for (std::size_t j = 0; j < length; ++j) made.data[c * made.stride + j] = table[(length - 1 - j) * dim + c];
    }
    return made;
}

std::size_t attention_scratch(int side, int head_dim) { return round_up(Layout(side, head_dim).total, widest); }

void attend(const AttentionWindow& window, float* scratch) { HWY_DYNAMIC_DISPATCH(Attend)(window, scratch); }

}  // namespace vglaw::engine
#endif
