#include "vglaw/train/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "vglaw/core/error.h"

namespace vglaw::train {
namespace {

TEST(Device, TheCpuIsAlwaysThere) { EXPECT_TRUE(open_device("cpu", 3).is_cpu()); }

TEST(Device, AGpuThatIsNotThereIsOneClearLine) {
    if (std::getenv("CUDA_VISIBLE_DEVICES") != nullptr && torch::cuda::device_count() == 1) {
        GTEST_SKIP() << "the one GPU is this process's whatever its number";
    }
    try {
        (void)open_device("cuda", int(torch::cuda::device_count()));
        FAIL() << "one more GPU than there are";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::unsupported);
        EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
        if (torch::cuda::device_count() == 0) {
            EXPECT_THAT(error.what(), testing::HasSubstr("train.device = cpu"));
        }
    }
}

TEST(Device, EachProcessOfAMachineHasAGpuOfItsOwn) {
    EXPECT_EQ(gpu_index(2, 4, false), 2);
    EXPECT_EQ(gpu_index(2, 4, true), 2);
    EXPECT_EQ(gpu_index(2, 1, true), 0);  // the launcher shows each process its own
    EXPECT_EQ(gpu_index(-1, 1, true), 0);
    EXPECT_THROW((void)gpu_index(1, 1, false), Error);
    EXPECT_THROW((void)gpu_index(-1, 2, false), Error);
    EXPECT_THROW((void)gpu_index(-1, 2, true), Error);
}

}  // namespace
}  // namespace vglaw::train
