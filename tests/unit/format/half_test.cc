#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "vglaw/format/safetensors.h"

namespace vglaw {
namespace {

/// The formats' definitions, by arithmetic: sign * 2^(e - bias) * (1 + f / 2^bits), subnormals without the 1.
double defined_value(std::uint16_t bits, int exponent_bits, int fraction_bits) {
    const int bias = (1 << (exponent_bits - 1)) - 1;
    const int exponent = (bits >> fraction_bits) & ((1 << exponent_bits) - 1);
    const double fraction = std::ldexp(double(bits & ((1 << fraction_bits) - 1)), -fraction_bits);
    const double sign = bits & 0x8000 ? -1.0 : 1.0;
    if (exponent == (1 << exponent_bits) - 1) {
        return fraction == 0 ? sign * std::numeric_limits<double>::infinity()
                             : std::numeric_limits<double>::quiet_NaN();
    }
    if (exponent == 0) return sign * std::ldexp(fraction, 1 - bias);
    return sign * std::ldexp(1.0 + fraction, exponent - bias);
}

/// Every code, and the floats at, just below and just above the midpoint to the next code: exact, no tolerance.
template <typename ToFloat, typename FromFloat>
void check_format(int exponent_bits, int fraction_bits, ToFloat to_float, FromFloat from_float) {
    const std::uint32_t infinity = ((1u << exponent_bits) - 1) << fraction_bits;
    for (std::uint32_t code = 0; code < 0x10000; ++code) {
        const std::uint16_t bits = std::uint16_t(code);
        const double expected = defined_value(bits, exponent_bits, fraction_bits);
        const float value = to_float(bits);
        if (std::isnan(expected)) {
            ASSERT_TRUE(std::isnan(value)) << code;
            ASSERT_TRUE(std::isnan(to_float(from_float(value)))) << code;
            continue;
        }
        ASSERT_EQ(double(value), expected) << code;
        ASSERT_EQ(std::signbit(value), std::signbit(expected)) << code;
        ASSERT_EQ(from_float(value), bits) << code;

        const std::uint32_t magnitude = code & 0x7fffu;
        if (magnitude >= infinity) continue;
        // The step beyond the largest finite value counts as if the exponent went on: that is what nearest-even means
        // there.
        const bool last = magnitude + 1 == infinity;
        const double next =
            last ? expected + (expected - defined_value(std::uint16_t(bits - 1), exponent_bits, fraction_bits))
                 : defined_value(std::uint16_t(bits + 1), exponent_bits, fraction_bits);
        const float middle = float((expected + next) / 2);
        ASSERT_EQ(double(middle), (expected + next) / 2) << "midpoints are exact in float";
        const std::uint16_t up = std::uint16_t(bits + 1);
        ASSERT_EQ(from_float(middle), code % 2 == 0 ? bits : up) << code;
        ASSERT_EQ(from_float(std::bit_cast<float>(std::bit_cast<std::uint32_t>(middle) - 1)), bits) << code;
        ASSERT_EQ(from_float(std::bit_cast<float>(std::bit_cast<std::uint32_t>(middle) + 1)), up) << code;
    }
    const float huge = std::numeric_limits<float>::infinity();
    ASSERT_EQ(from_float(huge), infinity);
    ASSERT_EQ(from_float(-huge), 0x8000u | infinity);
    // A NaN whose payload lies only in the bits that fall off must not become infinity.
    ASSERT_TRUE(std::isnan(to_float(from_float(std::bit_cast<float>(0x7f800001u)))));
}

TEST(Half, MatchesItsDefinitionAndRoundsToNearestEvenForEveryCode) {
    check_format(5, 10, half_to_float, float_to_half);
    EXPECT_EQ(float_to_half(1e30f), 0x7c00);
    EXPECT_EQ(float_to_half(1e-30f), 0);
}

TEST(Bfloat16, MatchesItsDefinitionAndRoundsToNearestEvenForEveryCode) {
    check_format(8, 7, bfloat16_to_float, float_to_bfloat16);
}

}  // namespace
}  // namespace vglaw
