// The vector kernels outside the matrix products. Written once over Highway, the best instruction set is chosen at run
// time; each is proven against its plain formula in double by tests/unit/engine/kernels_test.cc. None allocates; all
// are safe to call from many threads. Row-major; a stride is in floats.
#pragma once

#include <cstddef>

namespace vglaw::engine {

/// sum_i a[i] b[i]
[[nodiscard]] float dot(const float* a, const float* b, std::size_t count);

/// y[i] += scale x[i]
void add_scaled(const float* x, float scale, float* y, std::size_t count);

/// In place: x[i] <- exp(x[i]) / sum_j exp(x[j]), computed from the row's maximum.
void softmax(float* x, std::size_t count);

/// out <- gamma (x - mean) / sqrt(variance + eps) + beta; x and out may be the same row.
void layer_norm(const float* x, const float* gamma, const float* beta, float eps, std::size_t count, float* out);

/// In place: x[i] <- x[i] Phi(x[i]), the exact GELU (by erf, whose error is below 2e-7: Abramowitz and Stegun 7.1.26).
void gelu(float* x, std::size_t count);

/// out[p] <- offset + sum_c gelu(layer_norm(x))[c] folded[p * stride + c], p in 0..3: what a token of the mask head
/// comes to after the first transposed convolution (model.md section 4). `scratch`: count floats.
void norm_gelu_dot4(const float* x, const float* gamma, const float* beta, float eps, std::size_t count,
                    const float* folded, std::size_t stride, float offset, float* scratch, float* out);

/// One row of the bilinear resize: out[i] <- (1 - t) a + t b, a and b being the two source rows, each read at
/// left[i] and left[i] + 1 with share[i] for the right one (left[i] + 1 must be a valid index or share[i] zero).
void blend_rows(const float* upper, const float* lower, float t, const int* left, const float* share, std::size_t count,
                float* out);

/// The small product of the language path: out[m, n] <- sum_k x[m, k] phi[n, k]. phi: (rank, rank), row-major.
/// `scratch`: rank * rank floats.
void multiply_small(const float* x, std::size_t x_stride, std::size_t rows, const float* phi, std::size_t rank,
                    float* scratch, float* out, std::size_t out_stride);

/// The name of the instruction set in use: "AVX3", "AVX2", ...
[[nodiscard]] const char* instruction_set();

}  // namespace vglaw::engine
