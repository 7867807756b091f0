// Conversions between float and the two 16-bit float formats, by bits: the same result on any machine, F16C or not.
#include <bit>

#include "vglaw/format/safetensors.h"

namespace vglaw {

float half_to_float(std::uint16_t bits) {
    const std::uint32_t sign = std::uint32_t(bits & 0x8000u) << 16;
    const std::uint32_t exponent = (bits >> 10) & 0x1fu;
    const std::uint32_t fraction = bits & 0x3ffu;
    if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000u | (fraction << 13));
    if (exponent != 0) return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
    // Subnormal: fraction * 2^-24 is exact in float, and so is the sign of zero.
    const float magnitude = float(fraction) * 0x1p-24f;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
}

std::uint16_t float_to_half(float value) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
    const std::uint16_t sign = std::uint16_t((bits >> 16) & 0x8000u);
    const std::uint32_t magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) {  // NaN: keep the payload's top bits, and stay a (quiet) NaN even if they are zero
        return std::uint16_t(sign | 0x7e00u | ((magnitude >> 13) & 0x3ffu));
    }
    if (magnitude >= 0x477ff000u) return std::uint16_t(sign | 0x7c00u);  // from 65520 on, nearest-even gives infinity
    if (magnitude < 0x38800000u) {                                       // below 2^-14: subnormal half
        if (magnitude <= 0x33000000u) return sign;                       // up to 2^-25 (a tie, to even) gives zero
        const int shift = 126 - int(magnitude >> 23);  // 14 .. 24 bits fall off the 24-bit significand
        const std::uint32_t significand = (magnitude & 0x7fffffu) | 0x800000u;
        const std::uint32_t kept = significand >> shift;
        const std::uint32_t rest = significand & ((1u << shift) - 1), tie = 1u << (shift - 1);
        return std::uint16_t(sign | (kept + ((rest > tie || (rest == tie && (kept & 1u))) ? 1u : 0u)));
    }
    const std::uint32_t rebased = magnitude - (112u << 23);
    return std::uint16_t(sign | ((rebased + 0xfffu + ((rebased >> 13) & 1u)) >> 13));
}

float bfloat16_to_float(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t(bits) << 16); }

std::uint16_t float_to_bfloat16(float value) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u) return std::uint16_t((bits >> 16) | 0x40u);  // quiet NaN, never infinity
    return std::uint16_t((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

}  // namespace vglaw
