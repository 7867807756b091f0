// exp, erf and GELU of a vector, for the kernels of this room. Included once a target, as Highway's -inl headers are.
#if defined(VGLAW_ENGINE_VECTOR_MATH_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef VGLAW_ENGINE_VECTOR_MATH_INL_H
#undef VGLAW_ENGINE_VECTOR_MATH_INL_H
#else
#define VGLAW_ENGINE_VECTOR_MATH_INL_H
#endif

#include <cstddef>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vglaw::engine::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// exp(x) for x <= 0 (0 below -87, where float's exp is 0 or denormal), relative error below 3e-7: x = n ln 2 + r with
/// |r| <= ln 2 / 2, exp(r) by its Taylor series to the seventh power (next term: 0.35^8 / 8! = 5e-9).
template <class D, class V = hn::Vec<D>>
HWY_INLINE V ExpOfNegative(D d, V x) {
    const hn::RebindToSigned<D> di;
    const V lowest = hn::Set(d, -87.0f);
    const V n = hn::Round(hn::Mul(x, hn::Set(d, 1.44269504f)));
    // ln 2 in two parts: the first has few bits, so that n times it is exact
    V r = hn::NegMulAdd(n, hn::Set(d, 0.693359375f), x);
    r = hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4f), r);
    V p = hn::Set(d, 1.0f / 5040);
    p = hn::MulAdd(p, r, hn::Set(d, 1.0f / 720));
    p = hn::MulAdd(p, r, hn::Set(d, 1.0f / 120));
    p = hn::MulAdd(p, r, hn::Set(d, 1.0f / 24));
    p = hn::MulAdd(p, r, hn::Set(d, 1.0f / 6));
    p = hn::MulAdd(p, r, hn::Set(d, 0.5f));
    p = hn::MulAdd(p, r, hn::Set(d, 1.0f));
    p = hn::MulAdd(p, r, hn::Set(d, 1.0f));
    const auto exponent = hn::ShiftLeft<23>(hn::Add(hn::ConvertTo(di, n), hn::Set(di, 127)));
    return hn::IfThenElseZero(hn::Ge(x, lowest), hn::Mul(p, hn::BitCast(d, exponent)));
}

/// In place: x[i] <- exp(x[i] - max x). Returns the sum of the results.
template <class D>
HWY_INLINE float ExpOfDifferences(D d, float* x, std::size_t count) {
    const std::size_t lanes = hn::Lanes(d);
    const hn::CappedTag<float, 1> one;
    std::size_t i = 0;
    float highest = x[0];
    if (count >= lanes) {
        auto highests = hn::LoadU(d, x);
        for (i = lanes; i + lanes <= count; i += lanes) highests = hn::Max(highests, hn::LoadU(d, x + i));
        highest = hn::GetLane(hn::MaxOfLanes(d, highests));
    }
    for (; i < count; ++i) highest = highest < x[i] ? x[i] : highest;

    const auto top = hn::Set(d, highest);
    auto sums = hn::Zero(d);
    for (i = 0; i + lanes <= count; i += lanes) {
        const auto value = ExpOfNegative(d, hn::Sub(hn::LoadU(d, x + i), top));
        sums = hn::Add(sums, value);
        hn::StoreU(value, d, x + i);
    }
    float sum = hn::GetLane(hn::SumOfLanes(d, sums));
    for (; i < count; ++i) {
        hn::StoreU(ExpOfNegative(one, hn::Sub(hn::LoadU(one, x + i), hn::Set(one, highest))), one, x + i);
        sum += x[i];
    }
    return sum;
}

/// x Phi(x) = x (1 + erf(x / sqrt 2)) / 2, erf by Abramowitz and Stegun 7.1.26 (absolute error below 1.5e-7).
template <class D, class V = hn::Vec<D>>
HWY_INLINE V GeluOf(D d, V x) {
    const V z = hn::Mul(hn::Abs(x), hn::Set(d, 0.70710678f));
    const V t = hn::Div(hn::Set(d, 1.0f), hn::MulAdd(z, hn::Set(d, 0.3275911f), hn::Set(d, 1.0f)));
    V p = hn::Set(d, 1.061405429f);
    p = hn::MulAdd(p, t, hn::Set(d, -1.453152027f));
    p = hn::MulAdd(p, t, hn::Set(d, 1.421413741f));
    p = hn::MulAdd(p, t, hn::Set(d, -0.284496736f));
    p = hn::MulAdd(p, t, hn::Set(d, 0.254829592f));
    // 1 - erf(z), z >= 0; half of it is Phi of the negative side
    const V tail = hn::Mul(hn::Mul(hn::Mul(p, t), ExpOfNegative(d, hn::Neg(hn::Mul(z, z)))), hn::Set(d, 0.5f));
    const V phi = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), tail, hn::Sub(hn::Set(d, 1.0f), tail));
    return hn::Mul(x, phi);
}

}  // namespace vglaw::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
