#include "vglaw/engine/int8_kernel.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "vglaw/engine/int8_kernel.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "vglaw/engine/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace vglaw::engine::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using DI = hn::ScalableTag<std::int32_t>;
using V = hn::Vec<D>;
using VI = hn::Vec<DI>;

// Accumulators of a tile: 14 x 2 of 32 registers, 6 x 2 of 16. 14 divides the rows of ViTDet's windows and grids.
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
constexpr int tile_rows = 14;
#else
constexpr int tile_rows = 6;
#endif
constexpr int tile_vectors = 2;

/// sum + a·b for each lane's four bytes, a unsigned, b signed.
HWY_INLINE VI DotBytes(VI sum, VI a, VI b) {
#if HWY_TARGET == HWY_AVX3_DL
    // Highway 1.0.3 has no name for it, and its target string lacks avx512vnni, which this target's detection includes.
    asm("vpdpbusd %2, %1, %0" : "+v"(sum.raw) : "v"(a.raw), "v"(b.raw));
    return sum;
#elif HWY_TARGET == HWY_AVX3
    const __m512i pairs = _mm512_maddubs_epi16(a.raw, b.raw);
    return VI{_mm512_add_epi32(sum.raw, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)))};
#elif HWY_TARGET == HWY_AVX2
    const __m256i pairs = _mm256_maddubs_epi16(a.raw, b.raw);
    return VI{_mm256_add_epi32(sum.raw, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))};
#else
    const DI d;
    const VI low_byte = hn::Set(d, 255);
    sum = hn::Add(sum, hn::Mul(hn::And(a, low_byte), hn::ShiftRight<24>(hn::ShiftLeft<24>(b))));
    sum = hn::Add(sum, hn::Mul(hn::And(hn::ShiftRight<8>(a), low_byte), hn::ShiftRight<24>(hn::ShiftLeft<16>(b))));
    sum = hn::Add(sum, hn::Mul(hn::And(hn::ShiftRight<16>(a), low_byte), hn::ShiftRight<24>(hn::ShiftLeft<8>(b))));
    return hn::Add(sum, hn::Mul(hn::And(hn::ShiftRight<24>(a), low_byte), hn::ShiftRight<24>(b)));
#endif
}

int CodeLevels() {
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2
    return 127;
#else
    return 255;
#endif
}

/// sum[r][v] += x[r, k] panel[k, v], k < depth.
template <int R>
HWY_INLINE void AddFloats(const float* x, std::size_t x_stride, std::size_t depth, const float* panel,
                          V (&sum)[R][tile_vectors]) {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    for (std::size_t k = 0; k < depth; ++k, panel += panel_columns) {
        V weights[tile_vectors];
        for (int v = 0; v < tile_vectors; ++v) weights[v] = hn::LoadU(d, panel + std::size_t(v) * lanes);
        for (int r = 0; r < R; ++r) {
            const V value = hn::Set(d, x[std::size_t(r) * x_stride + k]);
            for (int v = 0; v < tile_vectors; ++v) sum[r][v] = hn::MulAdd(value, weights[v], sum[r][v]);
        }
    }
}

/// A lane for four bytes.
HWY_INLINE VI LoadFours(const std::int8_t* bytes) {
    const DI d;
#if HWY_TARGET == HWY_SCALAR
    std::int32_t four = 0;
    std::memcpy(&four, bytes, sizeof four);
    return hn::Set(d, four);
#else
    const hn::Repartition<std::int8_t, DI> as_bytes;
    return hn::BitCast(d, hn::LoadU(as_bytes, bytes));
#endif
}

template <int R>
HWY_INLINE void AddBytes(const std::uint8_t* x, std::size_t x_stride, std::size_t depth, const std::int8_t* panel,
                         VI (&sum)[R][tile_vectors]) {
    const DI d;
    const std::size_t width = hn::Lanes(d) * sizeof(std::int32_t);
    for (std::size_t k = 0; k < depth; k += int8_depth, panel += int8_depth * panel_columns) {
        VI weights[tile_vectors];
        for (int v = 0; v < tile_vectors; ++v) weights[v] = LoadFours(panel + std::size_t(v) * width);
        for (int r = 0; r < R; ++r) {
            std::int32_t four = 0;
            std::memcpy(&four, x + std::size_t(r) * x_stride + k, sizeof four);
            const VI value = hn::Set(d, four);
            for (int v = 0; v < tile_vectors; ++v) sum[r][v] = DotBytes(sum[r][v], value, weights[v]);
        }
    }
}

/// The epilogue of one vector of results, of which `count` columns exist.
HWY_INLINE void Finish(const Int8Task& task, V value, float* y, std::size_t count) {
    const D d;
    if (task.gelu) value = GeluOf(d, value);
    if (count >= hn::Lanes(d)) {
        if (task.add) value = hn::Add(value, hn::LoadU(d, y));
        hn::StoreU(value, d, y);
        return;
    }
    HWY_ALIGN float values[HWY_MAX_BYTES / sizeof(float)];
    hn::Store(value, d, values);
    for (std::size_t i = 0; i < count; ++i) y[i] = task.add ? y[i] + values[i] : values[i];
}

/// Rows [row, row + R) by the columns from `column` on, tile_vectors vectors of them.
template <int R>
void Tile(const Int8Task& task, std::size_t row, std::size_t column) {
    const D d;
    const DI di;
    const std::size_t lanes = hn::Lanes(d);
    const std::size_t panel = column / panel_columns * panel_columns, inside = column % panel_columns;
    V sum[R][tile_vectors];
    VI whole[R][tile_vectors];
    for (int r = 0; r < R; ++r) {
        for (int v = 0; v < tile_vectors; ++v) whole[r][v] = hn::Zero(di);
    }
    AddBytes<R>(task.x.codes + row * task.x.stride, task.x.stride, task.in,
                task.weight + panel * task.in + inside * int8_depth, whole);
    for (int v = 0; v < tile_vectors; ++v) {
        const V scale = hn::LoadU(d, task.scales + column + std::size_t(v) * lanes);
        const V sums = hn::LoadU(d, task.weight_sums + column + std::size_t(v) * lanes);
        for (int r = 0; r < R; ++r) {
            const V step = hn::Set(d, task.x.step[row + std::size_t(r)]),
                    low = hn::Set(d, task.x.low[row + std::size_t(r)]);
            sum[r][v] = hn::MulAdd(hn::Mul(step, scale), hn::ConvertTo(d, whole[r][v]), hn::Mul(low, sums));
        }
    }
    if (task.beside_in > 0) {
        AddFloats<R>(task.beside + row * task.beside_stride, task.beside_stride, task.beside_in,
                     task.beside_weight + panel * task.beside_in + inside, sum);
    }
    for (int v = 0; v < tile_vectors; ++v) {
        const std::size_t at = column + std::size_t(v) * lanes;
        if (at >= task.last) break;
        const V bias = hn::LoadU(d, task.bias + at);
        for (int r = 0; r < R; ++r)
            Finish(task, hn::Add(sum[r][v], bias), task.y + (row + std::size_t(r)) * task.y_stride + at,
                   task.last - at);
    }
}

template <int R>
void Rest(const Int8Task& task, std::size_t row, std::size_t column, std::size_t rows) {
    if constexpr (R > 0) {
        if (rows == std::size_t(R)) return Tile<R>(task, row, column);
        Rest<R - 1>(task, row, column, rows);
    }
}

void MultiplyInt8(const Int8Task& task) {
    const std::size_t width = tile_vectors * hn::Lanes(D());
    for (std::size_t column = task.first; column < task.last; column += width) {
        std::size_t row = 0;
        for (; row + tile_rows <= task.rows; row += tile_rows) Tile<tile_rows>(task, row, column);
        Rest<tile_rows - 1>(task, row, column, task.rows - row);
    }
}

void CodeRow(const float* x, std::size_t count, std::size_t padded, std::uint8_t* codes, float* step, float* low) {
    const D d;
    const hn::Rebind<std::uint8_t, D> bytes;
    const std::size_t lanes = hn::Lanes(d);
    float least = x[0], most = x[0];
    std::size_t i = 0;
    if (count >= lanes) {
        V leasts = hn::LoadU(d, x), mosts = leasts;
        for (i = lanes; i + lanes <= count; i += lanes) {
            const V value = hn::LoadU(d, x + i);
            leasts = hn::Min(leasts, value);
            mosts = hn::Max(mosts, value);
        }
        least = hn::GetLane(hn::MinOfLanes(d, leasts));
        most = hn::GetLane(hn::MaxOfLanes(d, mosts));
    }
    for (; i < count; ++i) {
        least = std::min(least, x[i]);
        most = std::max(most, x[i]);
    }
    const auto levels = float(CodeLevels());
    const float range = most - least, inverse = range > 0 ? levels / range : 0.0f;
    *step = range / levels;
    *low = least;
    const V from = hn::Set(d, least), factor = hn::Set(d, inverse);
    for (i = 0; i + lanes <= count; i += lanes) {
        const V scaled = hn::Mul(hn::Sub(hn::LoadU(d, x + i), from), factor);
        hn::StoreU(hn::DemoteTo(bytes, hn::NearestInt(scaled)), bytes, codes + i);
    }
    const hn::CappedTag<float, 1> one;
    for (; i < count; ++i) {
        const auto scaled = hn::Mul(hn::Sub(hn::Set(one, x[i]), hn::Set(one, least)), hn::Set(one, inverse));
        codes[i] = std::uint8_t(hn::GetLane(hn::NearestInt(scaled)));
    }
    std::fill(codes + count, codes + padded, std::uint8_t(0));
}

}  // namespace vglaw::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vglaw::engine {

HWY_EXPORT(MultiplyInt8);
HWY_EXPORT(CodeRow);
HWY_EXPORT(CodeLevels);

void multiply_int8(const Int8Task& task) { HWY_DYNAMIC_DISPATCH(MultiplyInt8)(task); }

void code_row(const float* x, std::size_t count, std::size_t padded, std::uint8_t* codes, float* step, float* low) {
    HWY_DYNAMIC_DISPATCH(CodeRow)(x, count, padded, codes, step, low);
}

int code_levels() { return HWY_DYNAMIC_DISPATCH(CodeLevels)(); }

}  // namespace vglaw::engine
#endif
