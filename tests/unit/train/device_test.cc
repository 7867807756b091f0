#include "vglaw/train/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vglaw/core/error.h"

namespace vglaw::train {
namespace {

TEST(Device, TheCpuIsAlwaysThere) { EXPECT_TRUE(open_device("cpu", 3).is_cpu()); }

TEST(Device, AGpuThatIsNotThereIsOneClearLine) {
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

}  // namespace
}  // namespace vglaw::train
