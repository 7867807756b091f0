#include "vglaw/engine/product.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/unit/engine/numbers.h"

namespace vglaw::engine {
namespace {

struct Shape {
    int rows, in, out;
};

/// x W^T + b in double, after the epilogue; y: what stood there before.
double expected(const Shape& s, const std::vector<float>& x, const std::vector<float>& weight, const float* bias,
                Epilogue epilogue, double before, int row, int column) {
    double sum = bias == nullptr ? 0 : double(bias[column]);
    for (int k = 0; k < s.in; ++k)
        sum += double(x[std::size_t(row * s.in + k)]) * double(weight[std::size_t(column * s.in + k)]);
    if (epilogue.gelu) sum *= 0.5 * (1 + std::erf(sum / std::sqrt(2.0)));
    return epilogue.add ? before + sum : sum;
}

TEST(Product, IsTheLinearLayerWithItsEpilogue) {
    for (const Shape s : {Shape{1, 1, 1}, Shape{3, 5, 7}, Shape{1, 64, 50}, Shape{49, 21, 48}, Shape{20, 128, 384},
                          Shape{144, 224, 576}, Shape{784, 800, 64}}) {
        const auto weight = normal_numbers(std::size_t(s.in * s.out), 1, 1 / std::sqrt(float(s.in))),
                   bias = normal_numbers(std::size_t(s.out), 2), values = normal_numbers(std::size_t(s.rows * s.in), 3),
                   residual = normal_numbers(std::size_t(s.rows * s.out), 4);
        for (const bool with_bias : {true, false}) {
            const auto layer = pack_linear(weight.data(), with_bias ? bias.data() : nullptr, s.in, s.out);
            EXPECT_EQ(layer.bias() != nullptr, with_bias);
            for (const Epilogue epilogue : {Epilogue{}, Epilogue{.gelu = true}, Epilogue{.add = true}}) {
                Floats x(values.size()), y(residual.size());
                std::copy(values.begin(), values.end(), x.data());
                const Product product(layer, s.rows, x.data(), y.data(), epilogue);
                for (int repeat = 0; repeat < 2; ++repeat) {  // planned once, run often
                    std::copy(residual.begin(), residual.end(), y.data());
                    product.run();
                    for (int row = 0; row < s.rows; row += std::max(1, s.rows / 7)) {
                        for (int column = 0; column < s.out; ++column) {
                            const auto at = std::size_t(row * s.out + column);
                            // results around 1: float32 sums of up to 800 terms stay within 1e-5
                            ASSERT_NEAR(y[at],
                                        expected(s, values, weight, layer.bias(), epilogue, residual[at], row, column),
                                        1e-5)
                                << s.rows << " x " << s.in << " x " << s.out;
                        }
                    }
                }
            }
        }
    }
}

TEST(Product, OneLayersPackedWeightsServeAnyNumberOfRows) {
    const int in = 96, out = 160;
    const auto weight = normal_numbers(std::size_t(in * out), 1, 0.1F), bias = normal_numbers(std::size_t(out), 2);
    const auto layer = pack_linear(weight.data(), bias.data(), in, out);
    const auto values = normal_numbers(std::size_t(300 * in), 3);
    Floats x(values.size()), all(std::size_t(300 * out)), one{std::size_t(out)};
    std::copy(values.begin(), values.end(), x.data());
    Product(layer, 300, x.data(), all.data(), {}).run();
    Product(layer, 1, x.data() + 200 * in, one.data(), {}).run();
    for (int i = 0; i < out; ++i)
        EXPECT_NEAR(one[std::size_t(i)], all[std::size_t(200 * out + i)],
                    1e-5);  // another blocking, another sum's order
}

TEST(Product, PackedWeightsAreAboutAsLargeAsTheyWere) {
    const auto weight = normal_numbers(768 * 2304, 1);
    const auto layer = pack_linear(weight.data(), nullptr, 768, 2304);
    EXPECT_GE(layer.bytes(), 768u * 2304 * 4);
    EXPECT_LE(layer.bytes(), 768u * 2304 * 4 * 11 / 10);
}

}  // namespace
}  // namespace vglaw::engine
