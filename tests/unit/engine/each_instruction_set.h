// Runs a test under every instruction set that Highway compiled the kernels for and this CPU has.
#pragma once

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cstdint>
#include <string>
#include <vector>

namespace vglaw::engine {

class EachInstructionSet : public ::testing::TestWithParam<std::int64_t> {
protected:
    void SetUp() override {
        hwy::SetSupportedTargetsForTest(GetParam());
        hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    }
    void TearDown() override {
        hwy::SetSupportedTargetsForTest(0);
        hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    }
};

inline std::string name_of_target(const ::testing::TestParamInfo<std::int64_t>& info) {
    return hwy::TargetName(info.param);
}

inline std::vector<std::int64_t> targets_here() { return hwy::SupportedAndGeneratedTargets(); }

#define VGLAW_EACH_INSTRUCTION_SET(suite) \
    INSTANTIATE_TEST_SUITE_P(Targets, suite, ::testing::ValuesIn(targets_here()), name_of_target)

}  // namespace vglaw::engine
