#include "vglaw/engine/fma_peak.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

#include "vglaw/engine/parallel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "vglaw/engine/fma_peak.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vglaw::engine::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// 12 sums hide the latency of two units at five cycles and fit AVX2's 16 registers. Returns the operations done;
/// `sink` keeps the compiler from dropping them.
double MultiplyAdd(std::size_t rounds, float* sink) {
    const hn::ScalableTag<float> d;
    using V = hn::Vec<decltype(d)>;
    // All different, or the compiler would see that some of the sums are the same one.
    V a = hn::Set(d, 1.0000f), b = hn::Set(d, 1.0625f), c = hn::Set(d, 1.1250f), e = hn::Set(d, 1.1875f),
      f = hn::Set(d, 1.2500f), g = hn::Set(d, 1.3125f), h = hn::Set(d, 1.3750f), i = hn::Set(d, 1.4375f),
      j = hn::Set(d, 1.5000f), k = hn::Set(d, 1.5625f), l = hn::Set(d, 1.6250f), m = hn::Set(d, 1.6875f);
    const V x = hn::Set(d, 0.9999f), y = hn::Set(d, 1e-4f);
    for (std::size_t r = 0; r < rounds; ++r) {
        a = hn::MulAdd(a, x, y);
        b = hn::MulAdd(b, x, y);
        c = hn::MulAdd(c, x, y);
        e = hn::MulAdd(e, x, y);
        f = hn::MulAdd(f, x, y);
        g = hn::MulAdd(g, x, y);
        h = hn::MulAdd(h, x, y);
        i = hn::MulAdd(i, x, y);
        j = hn::MulAdd(j, x, y);
        k = hn::MulAdd(k, x, y);
        l = hn::MulAdd(l, x, y);
        m = hn::MulAdd(m, x, y);
    }
    const V sum = hn::Add(hn::Add(hn::Add(a, b), hn::Add(c, e)),
                          hn::Add(hn::Add(hn::Add(f, g), hn::Add(h, i)), hn::Add(hn::Add(j, k), hn::Add(l, m))));
    *sink += hn::GetLane(hn::SumOfLanes(d, sum));
    return 2.0 * 12.0 * double(hn::Lanes(d)) * double(rounds);
}

}  // namespace vglaw::engine::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vglaw::engine {

HWY_EXPORT(MultiplyAdd);

double fma_peak(int threads, double seconds) {
    using Clock = std::chrono::steady_clock;
    std::vector<double> rates(std::size_t(threads), 0);
    std::vector<float> sinks(std::size_t(threads) * 16, 0);
    const auto all = std::size_t(threads);
    parallel_for(threads, all, [&](std::size_t i, int) {
        // The best of short stretches: a neighbour's interruption must not lower the yardstick.
        const auto end = Clock::now() + std::chrono::duration<double>(seconds);
        while (Clock::now() < end) {
            const auto begin = Clock::now();
            const double operations = HWY_DYNAMIC_DISPATCH(MultiplyAdd)(1 << 20, &sinks[i * 16]);
            rates[i] = std::max(rates[i], operations / std::chrono::duration<double>(Clock::now() - begin).count());
        }
    });
    double sum = 0;
    for (const double rate : rates) sum += rate;
    return sum;
}

}  // namespace vglaw::engine
#endif
