// Matrix products of bytes: activations coded row by row, int8 weights cut into panels of 32 outputs, scales, bias,
// GELU and residual applied while the sums are in registers. Single-threaded; int8_product.h makes whole products of
// these.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vglaw::engine {

/// Outputs in a panel: two vectors of AVX-512, four of AVX2. A panel of int8 is (in / 4, 32, 4), one of floats (in,
/// 32).
constexpr std::size_t panel_columns = 32;
/// Inputs are padded to a multiple of this with zeros: what one instruction sums.
constexpr std::size_t int8_depth = 4;

/// Activations as bytes: x[r, k] = low[r] + step[r] codes[r, k].
struct CodedRows {
    const std::uint8_t* codes = nullptr;  ///< (rows, stride); what pads a row to a multiple of int8_depth is 0
    std::size_t stride = 0;
    const float* step = nullptr;  ///< (rows)
    const float* low = nullptr;   ///< (rows)
};

/// y[r, j] <- sum_k x[r, k] w[j, k] + sum_k beside[r, k] w'[j, k] + bias[j] for j in [first, last), then GELU, then
/// added to what stands in y. What is indexed by columns is padded to whole panels and begins at column 0.
struct Int8Task {
    std::size_t rows = 0, first = 0, last = 0;  ///< first: a multiple of panel_columns

    CodedRows x;
    std::size_t in = 0;                   ///< of x, a multiple of int8_depth
    const std::int8_t* weight = nullptr;  ///< panels
    const float* scales = nullptr;        ///< w[j, k] = scales[j] weight[j, k]
    const float* weight_sums = nullptr;   ///< sum_k w[j, k]

    const float* beside = nullptr;  ///< (rows, beside_stride): inputs that stay float, beside_in of them
    std::size_t beside_in = 0, beside_stride = 0;
    const float* beside_weight = nullptr;  ///< panels

    const float* bias = nullptr;
    float* y = nullptr;  ///< (rows, y_stride)
    std::size_t y_stride = 0;
    bool gelu = false, add = false;
};

void multiply_int8(const Int8Task& task);

/// Rows to codes: codes[k] <- round((x[k] - low) / step), low the least of the row and step (its range) /
/// code_levels(), so that no value is clipped. `padded` - count zeros follow. A row of equal values gets step 0.
void code_row(const float* x, std::size_t count, std::size_t padded, std::uint8_t* codes, float* step, float* low);

/// Largest code: 255, or 127 where the instruction set sums pairs of products in 16 bits (AVX2 and AVX-512 without
/// VNNI), which 2 * 255 * 127 would overflow.
[[nodiscard]] int code_levels();

}  // namespace vglaw::engine
