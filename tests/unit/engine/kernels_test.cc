#include "vglaw/engine/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/unit/engine/each_instruction_set.h"
#include "tests/unit/engine/numbers.h"

namespace vglaw::engine {
namespace {

/// Every remainder of every vector width, and a few whole rows.
std::vector<std::size_t> lengths() {
    std::vector<std::size_t> all;
    for (std::size_t i = 1; i <= 67; ++i) all.push_back(i);
    all.insert(all.end(), {192, 768, 785});
    return all;
}

class Kernels : public EachInstructionSet {};

double gelu_in_double(double x) { return x * 0.5 * (1 + std::erf(x / std::sqrt(2.0))); }

std::vector<double> layer_norm_in_double(const std::vector<float>& x, const std::vector<float>& gamma,
                                         const std::vector<float>& beta, double eps) {
    double mean = 0, variance = 0;
    for (const double value : x) mean += value / double(x.size());
    for (const double value : x) variance += (value - mean) * (value - mean) / double(x.size());
    std::vector<double> out(x.size());
    for (std::size_t i = 0; i < x.size(); ++i)
        out[i] = (double(x[i]) - mean) / std::sqrt(variance + eps) * double(gamma[i]) + double(beta[i]);
    return out;
}

TEST_P(Kernels, DotIsTheSumOfProducts) {
    for (const std::size_t count : lengths()) {
        const auto a = normal_numbers(count + 1, 1), b = normal_numbers(count, 2);
        double expected = 0, size = 0;
        for (std::size_t i = 0; i < count; ++i) {
            expected += double(a[i + 1]) * double(b[i]);  // + 1: an address that is not aligned
            size += std::abs(double(a[i + 1]) * double(b[i]));
        }
        // float32 sums: half an ulp (6e-8) for each of the few partial sums in a row
        EXPECT_NEAR(dot(a.data() + 1, b.data(), count), expected, 1e-6 * size) << count;
    }
}

TEST_P(Kernels, AddScaledAddsTheScaledRow) {
    for (const std::size_t count : lengths()) {
        const auto x = normal_numbers(count, 1);
        auto y = normal_numbers(count + 1, 2);
        const auto before = y;
        add_scaled(x.data(), 0.7F, y.data(), count);
        for (std::size_t i = 0; i < count; ++i)
            EXPECT_NEAR(y[i], double(before[i]) + 0.7 * double(x[i]), 1e-6) << count;  // an ulp of numbers up to 8
        EXPECT_EQ(y[count], before[count]);                                            // nothing beyond the row
    }
}

TEST_P(Kernels, SoftmaxSumsToOneAndKeepsRatios) {
    for (const std::size_t count : lengths()) {
        auto x = normal_numbers(count, 3, 5);
        x[count / 2] += 80;  // far above the rest: the others are tiny, none may overflow
        if (count > 1) x[0] = -1000;
        const auto before = x;
        const double highest = *std::max_element(before.begin(), before.end());
        double sum = 0;
        for (const double value : before) sum += std::exp(value - highest);
        softmax(x.data(), count);
        for (std::size_t i = 0; i < count; ++i) {
            const double expected = std::exp(double(before[i]) - highest) / sum;
            // exp to 3e-7, the sum and the division an ulp each; and the difference to the highest, itself a float, is
            // half an ulp wrong, 6e-8 of its size, which exp turns into as much relatively. Below float's range 0 is
            // right.
            const double relative = 1e-6 + 1.2e-7 * (highest - double(before[i]));
            EXPECT_NEAR(x[i], expected, relative * expected + 1e-37) << count << ", " << i;
        }
    }
}

TEST_P(Kernels, SoftmaxOfEqualScoresIsUniform) {
    std::vector<float> x(37, -3e38F);
    softmax(x.data(), x.size());
    for (const float value : x) EXPECT_NEAR(value, 1.0 / 37, 1e-8);
}

TEST_P(Kernels, LayerNormIsExactFarFromZero) {
    for (const std::size_t count : lengths()) {
        auto x = normal_numbers(count, 4);
        for (auto& value : x) value += 100;
        const auto gamma = normal_numbers(count, 5), beta = normal_numbers(count, 6);
        std::vector<float> out(count);
        layer_norm(x.data(), gamma.data(), beta.data(), 1e-6F, count, out.data());
        const auto expected = layer_norm_in_double(x, gamma, beta, 1e-6);
        // the numbers around 100 carry an error of 4e-6 themselves; with one or two of them the variance may be tiny
        for (std::size_t i = 0; i < count; ++i)
            EXPECT_NEAR(out[i], expected[i], count < 4 ? 2e-3 : 1e-4) << count << ", " << i;
        layer_norm(x.data(), gamma.data(), beta.data(), 1e-6F, count, x.data());
        EXPECT_EQ(x, out);  // in place too
    }
}

TEST_P(Kernels, GeluIsTheExactOne) {
    std::vector<float> x;
    for (double value = -12; value <= 12; value += 0.013) x.push_back(float(value));
    const auto before = x;
    gelu(x.data(), x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double expected = gelu_in_double(before[i]);
        // erf to 1.5e-7 (Abramowitz and Stegun), times x / 2, and float's own rounding
        EXPECT_NEAR(x[i], expected, 1e-7 * std::abs(double(before[i])) + 2e-7 * std::abs(expected) + 1e-9) << before[i];
    }
}

TEST_P(Kernels, MaskPixelsAreNormGeluAndFourDots) {
    for (const std::size_t count : {1, 8, 31, 64, 256}) {
        const auto x = normal_numbers(count, 7), gamma = normal_numbers(count, 8), beta = normal_numbers(count, 9),
                   folded = normal_numbers(4 * count, 10);
        std::vector<float> scratch(count);
        float out[4];
        norm_gelu_dot4(x.data(), gamma.data(), beta.data(), 1e-6F, count, folded.data(), count, 0.25F, scratch.data(),
                       out);
        const auto normal = layer_norm_in_double(x, gamma, beta, 1e-6);
        for (std::size_t p = 0; p < 4; ++p) {
            double expected = 0.25, size = 1;
            for (std::size_t i = 0; i < count; ++i) {
                expected += gelu_in_double(normal[i]) * double(folded[p * count + i]);
                size += std::abs(normal[i] * double(folded[p * count + i]));
            }
            EXPECT_NEAR(out[p], expected, 1e-6 * size) << count;  // GELU's 1e-7 and the sum's rounding
        }
    }
}

TEST_P(Kernels, BlendRowsIsBilinear) {
    const auto upper = normal_numbers(21, 11), lower = normal_numbers(21, 12);
    for (const std::size_t count : {1, 5, 16, 67}) {
        std::vector<int> left(count);
        const auto random = normal_numbers(count, 13);
        std::vector<float> share(count), out(count);
        for (std::size_t i = 0; i < count; ++i) {
            left[i] = int(i * 7 % 20);
            share[i] = std::abs(random[i]) - std::floor(std::abs(random[i]));
        }
        blend_rows(upper.data(), lower.data(), 0.3F, left.data(), share.data(), count, out.data());
        for (std::size_t i = 0; i < count; ++i) {
            const auto at = std::size_t(left[i]);
            const double t = share[i], up = (1 - t) * double(upper[at]) + t * double(upper[at + 1]),
                         low = (1 - t) * double(lower[at]) + t * double(lower[at + 1]);
            EXPECT_NEAR(out[i], 0.7 * up + 0.3 * low, 1e-6) << i;  // a few ulps of numbers around 1
        }
    }
}

TEST_P(Kernels, MultiplySmallIsXTimesPhiTransposed) {
    for (const std::size_t rank : {1, 5, 16, 32, 50}) {
        const std::size_t rows = 7, x_stride = rank + 3, out_stride = rank + 1;
        const auto x = normal_numbers(rows * x_stride, 14), phi = normal_numbers(rank * rank, 15);
        std::vector<float> scratch(rank * rank), out(rows * out_stride, 9);
        multiply_small(x.data(), x_stride, rows, phi.data(), rank, scratch.data(), out.data(), out_stride);
        for (std::size_t m = 0; m < rows; ++m) {
            for (std::size_t n = 0; n < rank; ++n) {
                double expected = 0, size = 1;
                for (std::size_t k = 0; k < rank; ++k) {
                    expected += double(x[m * x_stride + k]) * double(phi[n * rank + k]);
                    size += std::abs(double(x[m * x_stride + k]) * double(phi[n * rank + k]));
                }
                EXPECT_NEAR(out[m * out_stride + n], expected, 1e-6 * size) << rank;
            }
            EXPECT_EQ(out[m * out_stride + rank], 9) << "wrote beyond its row";
        }
    }
}

VGLAW_EACH_INSTRUCTION_SET(Kernels);

}  // namespace
}  // namespace vglaw::engine
