#include "vglaw/engine/kernels.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "vglaw/engine/kernels.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "vglaw/engine/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace vglaw::engine::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

float Dot(const float* a, const float* b, std::size_t count) {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    V sum0 = hn::Zero(d), sum1 = hn::Zero(d);
    std::size_t i = 0;
    for (; i + 2 * lanes <= count; i += 2 * lanes) {
        sum0 = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), sum0);
        sum1 = hn::MulAdd(hn::LoadU(d, a + i + lanes), hn::LoadU(d, b + i + lanes), sum1);
    }
    for (; i + lanes <= count; i += lanes) sum0 = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), sum0);
    float sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(sum0, sum1)));
    for (; i < count; ++i) sum += a[i] * b[i];
    return sum;
}

void AddScaled(const float* x, float scale, float* y, std::size_t count) {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    const V factor = hn::Set(d, scale);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes)
        hn::StoreU(hn::MulAdd(hn::LoadU(d, x + i), factor, hn::LoadU(d, y + i)), d, y + i);
    for (; i < count; ++i) y[i] += scale * x[i];
}

void Softmax(float* x, std::size_t count) {
    const D d;
    const float sum = ExpOfDifferences(d, x, count);
    const V scale = hn::Set(d, 1 / sum);
    const std::size_t lanes = hn::Lanes(d);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) hn::StoreU(hn::Mul(hn::LoadU(d, x + i), scale), d, x + i);
    for (; i < count; ++i) x[i] *= 1 / sum;
}

/// Mean first, then the squared differences: one pass over x and x^2 would lose digits where the mean is large.
void LayerNorm(const float* x, const float* gamma, const float* beta, float eps, std::size_t count, float* out) {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    V sums = hn::Zero(d);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) sums = hn::Add(sums, hn::LoadU(d, x + i));
    float sum = hn::GetLane(hn::SumOfLanes(d, sums));
    for (; i < count; ++i) sum += x[i];
    const float mean = sum / float(count);

    const V means = hn::Set(d, mean);
    V squares = hn::Zero(d);
    for (i = 0; i + lanes <= count; i += lanes) {
        const V difference = hn::Sub(hn::LoadU(d, x + i), means);
        squares = hn::MulAdd(difference, difference, squares);
    }
    float square = hn::GetLane(hn::SumOfLanes(d, squares));
    for (; i < count; ++i) square += (x[i] - mean) * (x[i] - mean);
    const float inverse = 1 / std::sqrt(square / float(count) + eps);

    const V scale = hn::Set(d, inverse);
    for (i = 0; i + lanes <= count; i += lanes) {
        const V normal = hn::Mul(hn::Sub(hn::LoadU(d, x + i), means), scale);
        hn::StoreU(hn::MulAdd(normal, hn::LoadU(d, gamma + i), hn::LoadU(d, beta + i)), d, out + i);
    }
    for (; i < count; ++i) out[i] = (x[i] - mean) * inverse * gamma[i] + beta[i];
}

void Gelu(float* x, std::size_t count) {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) hn::StoreU(GeluOf(d, hn::LoadU(d, x + i)), d, x + i);
    const hn::CappedTag<float, 1> one;
    for (; i < count; ++i) hn::StoreU(GeluOf(one, hn::LoadU(one, x + i)), one, x + i);
}

void NormGeluDot4(const float* x, const float* gamma, const float* beta, float eps, std::size_t count,
                  const float* folded, std::size_t stride, float offset, float* scratch, float* out) {
    LayerNorm(x, gamma, beta, eps, count, scratch);
    Gelu(scratch, count);
    for (std::size_t p = 0; p < 4; ++p) out[p] = offset + Dot(scratch, folded + p * stride, count);
}

void BlendRows(const float* upper, const float* lower, float t, const int* left, const float* share, std::size_t count,
               float* out) {
    const D d;
    const hn::RebindToSigned<D> di;
    const std::size_t lanes = hn::Lanes(d);
    const V down = hn::Set(d, t);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        const auto index = hn::LoadU(di, left + i);
        const V right = hn::LoadU(d, share + i);
        const V u0 = hn::GatherIndex(d, upper, index), u1 = hn::GatherIndex(d, upper + 1, index);
        const V l0 = hn::GatherIndex(d, lower, index), l1 = hn::GatherIndex(d, lower + 1, index);
        const V up = hn::MulAdd(right, hn::Sub(u1, u0), u0), low = hn::MulAdd(right, hn::Sub(l1, l0), l0);
        hn::StoreU(hn::MulAdd(down, hn::Sub(low, up), up), d, out + i);
    }
    for (; i < count; ++i) {
        const float up = upper[left[i]] + share[i] * (upper[left[i] + 1] - upper[left[i]]);
        const float low = lower[left[i]] + share[i] * (lower[left[i] + 1] - lower[left[i]]);
        out[i] = up + t * (low - up);
    }
}

void MultiplySmall(const float* x, std::size_t x_stride, std::size_t rows, const float* phi, std::size_t rank,
                   float* scratch, float* out, std::size_t out_stride) {
    // phi transposed, so that a row of the result is a sum of contiguous rows
    for (std::size_t n = 0; n < rank; ++n) {
        for (std::size_t k = 0; k < rank; ++k) scratch[k * rank + n] = phi[n * rank + k];
    }
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    for (std::size_t m = 0; m < rows; ++m) {
        const float* row = x + m * x_stride;
        float* result = out + m * out_stride;
        std::size_t n = 0;
        for (; n + 2 * lanes <= rank; n += 2 * lanes) {
            V sum0 = hn::Zero(d), sum1 = hn::Zero(d);
            for (std::size_t k = 0; k < rank; ++k) {
                const V value = hn::Set(d, row[k]);
                sum0 = hn::MulAdd(value, hn::LoadU(d, scratch + k * rank + n), sum0);
                sum1 = hn::MulAdd(value, hn::LoadU(d, scratch + k * rank + n + lanes), sum1);
            }
            hn::StoreU(sum0, d, result + n);
            hn::StoreU(sum1, d, result + n + lanes);
        }
        for (; n + lanes <= rank; n += lanes) {
            V sum = hn::Zero(d);
            for (std::size_t k = 0; k < rank; ++k)
                sum = hn::MulAdd(hn::Set(d, row[k]), hn::LoadU(d, scratch + k * rank + n), sum);
            hn::StoreU(sum, d, result + n);
        }
        for (; n < rank; ++n) {
            float sum = 0;
            for (std::size_t k = 0; k < rank; ++k) sum += row[k] * scratch[k * rank + n];
            result[n] = sum;
        }
    }
}

const char* InstructionSet() { return hwy::TargetName(HWY_TARGET); }

}  // namespace vglaw::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vglaw::engine {

HWY_EXPORT(Dot);
HWY_EXPORT(AddScaled);
HWY_EXPORT(Softmax);
HWY_EXPORT(LayerNorm);
HWY_EXPORT(Gelu);
HWY_EXPORT(NormGeluDot4);
HWY_EXPORT(BlendRows);
HWY_EXPORT(MultiplySmall);
HWY_EXPORT(InstructionSet);

float dot(const float* a, const float* b, std::size_t count) { return HWY_DYNAMIC_DISPATCH(Dot)(a, b, count); }

void add_scaled(const float* x, float scale, float* y, std::size_t count) {
    HWY_DYNAMIC_DISPATCH(AddScaled)(x, scale, y, count);
}

void softmax(float* x, std::size_t count) { HWY_DYNAMIC_DISPATCH(Softmax)(x, count); }

void layer_norm(const float* x, const float* gamma, const float* beta, float eps, std::size_t count, float* out) {
    HWY_DYNAMIC_DISPATCH(LayerNorm)(x, gamma, beta, eps, count, out);
}

void gelu(float* x, std::size_t count) { HWY_DYNAMIC_DISPATCH(Gelu)(x, count); }

void norm_gelu_dot4(const float* x, const float* gamma, const float* beta, float eps, std::size_t count,
                    const float* folded, std::size_t stride, float offset, float* scratch, float* out) {
    HWY_DYNAMIC_DISPATCH(NormGeluDot4)(x, gamma, beta, eps, count, folded, stride, offset, scratch, out);
}

void blend_rows(const float* upper, const float* lower, float t, const int* left, const float* share, std::size_t count,
                float* out) {
    HWY_DYNAMIC_DISPATCH(BlendRows)(upper, lower, t, left, share, count, out);
}

void multiply_small(const float* x, std::size_t x_stride, std::size_t rows, const float* phi, std::size_t rank,
                    float* scratch, float* out, std::size_t out_stride) {
    HWY_DYNAMIC_DISPATCH(MultiplySmall)(x, x_stride, rows, phi, rank, scratch, out, out_stride);
}

const char* instruction_set() { return HWY_DYNAMIC_DISPATCH(InstructionSet)(); }

}  // namespace vglaw::engine
#endif
