#include "vglaw/engine/fma_peak.h"

#include <gtest/gtest.h>

#include "tests/unit/engine/each_instruction_set.h"

namespace vglaw::engine {
namespace {

class FmaPeak : public EachInstructionSet {};

/// Between what an emulated vector and what no core of today does: 0.05 and 1000 GFLOP/s.
TEST_P(FmaPeak, IsWithinWhatCoresCanDo) {
    const double peak = fma_peak(1, 0.02);
    EXPECT_GT(peak, 5e7);
    EXPECT_LT(peak, 1e12);
}

VGLAW_EACH_INSTRUCTION_SET(FmaPeak);

}  // namespace
}  // namespace vglaw::engine
