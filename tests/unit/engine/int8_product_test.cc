#include "vglaw/engine/int8_product.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/unit/engine/each_instruction_set.h"
#include "tests/unit/engine/numbers.h"
#include "vglaw/engine/floats.h"
#include "vglaw/model/int8_weight.h"

namespace vglaw::engine {
namespace {

struct Shape {
    int rows, in, out, beside;
};

/// Remainders of every tile and panel, more than one block of rows, and shapes of the shipped and the base model.
const std::vector<Shape> shapes{{1, 1, 1, 0},     {3, 5, 7, 2},       {15, 64, 50, 3},    {49, 21, 48, 0},
                                {20, 128, 31, 1}, {144, 192, 576, 8}, {113, 1500, 33, 0}, {196, 768, 96, 32}};

class Int8Product : public EachInstructionSet {};

/// Weights, and rows of x as bytes with `beside` floats to the right of each.
struct Layer {
    std::size_t in, beside, out, rows, stride;
    std::vector<float> floats, bias, x;  // (out, beside), (out), (rows, in + beside)
    Int8Weight weight;
    std::vector<std::uint8_t> codes;
    std::vector<float> step, low;

    explicit Layer(const Shape& s)
        : in(std::size_t(s.in)),
          beside(std::size_t(s.beside)),
          out(std::size_t(s.out)),
          rows(std::size_t(s.rows)),
          stride(round_up(in, 64)),
          floats(normal_numbers(out * beside, 2, 1 / std::sqrt(float(in)))),
          bias(normal_numbers(out, 3)),
          x(normal_numbers(rows * (in + beside), 4)),
          weight(to_int8(normal_numbers(out * in, 1, 1 / std::sqrt(float(in))), out)),
          codes(rows * stride, 77),
          step(rows),
          low(rows) {
        for (std::size_t row = 0; row < rows; ++row)
            code_row(x.data() + row * (in + beside), in, stride, codes.data() + row * stride, &step[row], &low[row]);
    }
    [[nodiscard]] Int8Linear pack() const {
        return pack_int8(weight.values.data(), weight.scales.data(), bias.data(), int(in), int(out), floats.data(),
                         int(beside));
    }
    [[nodiscard]] Int8Operands operands(float* y) const {
        return {.rows = rows,
                .x = {codes.data(), stride, step.data(), low.data()},
                .beside = x.data() + in,
                .beside_stride = in + beside,
                .y = y};
    }
};

/// x W^T + b in double, then GELU, then added to what stood there.
double expected(const std::vector<double>& x, const std::vector<double>& weight, double bias, bool gelu, bool add,
                double before) {
    double sum = bias;
    for (std::size_t k = 0; k < x.size(); ++k) sum += x[k] * weight[k];
    if (gelu) sum *= 0.5 * (1 + std::erf(sum / std::sqrt(2.0)));
    return add ? before + sum : sum;
}

TEST_P(Int8Product, IsTheLinearLayerOverTheCodedNumbers) {
    for (const Shape& s : shapes) {
        const Layer made(s);
        const auto layer = made.pack();
        EXPECT_EQ(layer.in(), s.in);
        EXPECT_EQ(layer.beside_in(), s.beside);
        const auto before = normal_numbers(made.rows * made.out, 5);
        for (const bool gelu : {false, true}) {
            for (const bool add : {false, true}) {
                auto y = before;
                auto operands = made.operands(y.data());
                operands.gelu = gelu;
                operands.add = add;
                multiply(layer, operands, 2);
                for (std::size_t row = 0; row < made.rows; row += std::max<std::size_t>(1, made.rows / 9)) {
                    std::vector<double> of;
                    for (std::size_t k = 0; k < made.in; ++k)
                        of.push_back(double(made.low[row]) +
                                     double(made.step[row]) * made.codes[row * made.stride + k]);
                    for (std::size_t k = 0; k < made.beside; ++k)
                        of.push_back(made.x[row * (made.in + made.beside) + made.in + k]);
                    for (std::size_t j = 0; j < made.out; ++j) {
                        std::vector<double> w;
                        for (std::size_t k = 0; k < made.in; ++k)
                            w.push_back(double(made.weight.scales[j]) * made.weight.values[j * made.in + k]);
                        for (std::size_t k = 0; k < made.beside; ++k) w.push_back(made.floats[j * made.beside + k]);
                        const auto at = row * made.out + j;
                        // The sum over codes is exact; it and what is taken off for `low` are turned into floats at
                        // sizes up to 4 sqrt(in) times the result's: 6e-8 of 160 is 1e-5.
                        ASSERT_NEAR(y[at], expected(of, w, made.bias[j], gelu, add, before[at]), 3e-5)
                            << s.rows << " x " << s.in << " + " << s.beside << " x " << s.out << ", " << row << ", "
                            << j;
                    }
                }
            }
        }
    }
}

TEST_P(Int8Product, TheLargestCodesTimesTheLargestWeightsDoNotOverflow) {
    const int in = 3072, out = 32;
    const std::vector<std::int8_t> weight(std::size_t(in * out), 127);
    const std::vector<float> scales(out, 1), bias(out, 0);
    const auto layer = pack_int8(weight.data(), scales.data(), bias.data(), in, out);
    const int top = code_levels();
    const std::vector<std::uint8_t> codes(in, std::uint8_t(top));
    const float step = 1, low = 0;
    std::vector<float> y(out);
    multiply(layer, {.rows = 1, .x = {codes.data(), std::size_t(in), &step, &low}, .y = y.data()}, 1);
    for (const float value : y) EXPECT_FLOAT_EQ(value, float(in) * 127 * float(top));
}

TEST_P(Int8Product, CodesReachFromTheLeastToTheLargestOfARow) {
    for (std::size_t count = 1; count <= 70; ++count) {
        auto x = normal_numbers(count, unsigned(count));
        std::vector<std::uint8_t> codes(count + 9, 77);
        float step = -1, low = -1;
        code_row(x.data(), count, count + 8, codes.data(), &step, &low);
        const auto [least, most] = std::minmax_element(x.begin(), x.end());
        EXPECT_EQ(low, *least);
        EXPECT_EQ(codes[std::size_t(least - x.begin())], 0);
        EXPECT_EQ(codes[std::size_t(most - x.begin())], count > 1 ? code_levels() : 0);
        // to the nearest: half a step, and the float that stands for the quotient is 1e-7 of up to 255 wrong
        for (std::size_t i = 0; i < count; ++i) EXPECT_NEAR(low + step * float(codes[i]), x[i], step * 0.5001F + 1e-6F);
        for (std::size_t i = count; i < count + 8; ++i) EXPECT_EQ(codes[i], 0);
        EXPECT_EQ(codes[count + 8], 77);  // nothing beyond the padding
    }
    const std::vector<float> same(20, -3.5F);
    std::vector<std::uint8_t> codes(20, 77);
    float step = -1, low = 0;
    code_row(same.data(), 20, 20, codes.data(), &step, &low);
    EXPECT_EQ(step, 0);
    EXPECT_EQ(low, -3.5F);
    EXPECT_EQ(codes, std::vector<std::uint8_t>(20, 0));
}

TEST_P(Int8Product, TheNumberOfThreadsChangesNothing) {
    const Layer made({300, 768, 600, 7});
    const auto layer = made.pack();
    std::vector<float> one(made.rows * made.out), three(one.size());
    multiply(layer, made.operands(one.data()), 1);
    multiply(layer, made.operands(three.data()), 3);
    EXPECT_EQ(one, three);
}

VGLAW_EACH_INSTRUCTION_SET(Int8Product);

TEST(Int8Linear, TakesAQuarterOfTheMemory) {
    const auto weight = normal_numbers(768 * 2304, 1);
    const Int8Weight small = to_int8(weight, 2304);
    const auto layer = pack_int8(small.values.data(), small.scales.data(), nullptr, 768, 2304);
    EXPECT_GE(layer.bytes(), 768u * 2304);
    EXPECT_LE(layer.bytes(), 768u * 2304 * 102 / 100);
}

}  // namespace
}  // namespace vglaw::engine
