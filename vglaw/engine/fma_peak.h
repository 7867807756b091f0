// What the cores could do at best, measured: the yardstick of `vglaw bench`.
#pragma once

namespace vglaw::engine {

/// Multiplications and additions a second in float32, in a loop of fused multiply-adds on registers of the widest
/// vectors in use, on `threads` threads at the same time, for about `seconds`.
[[nodiscard]] double fma_peak(int threads, double seconds);

}  // namespace vglaw::engine
