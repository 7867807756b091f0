#include "vglaw/train/freed_memory.h"

#include <gtest/gtest.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <cstdlib>

namespace vglaw {
namespace {

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(FreedMemory, LargeBlocksStayWithTheProcess) {
    if (std::getenv("GLIBC_TUNABLES") != nullptr || std::getenv("MALLOC_TRIM_THRESHOLD_") != nullptr) {
        GTEST_SKIP() << "the allocator is tuned from outside";
    }
    keep_freed_memory();
    const std::size_t mapped = mallinfo2().hblkhd;        // by whatever ran before
    constexpr std::size_t size = std::size_t{256} << 20;  // above what glibc maps by itself, whatever it has learnt
    void* const block = std::malloc(size);
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(mallinfo2().hblkhd, mapped) << "mapped on its own, it would go back at once";
    std::free(block);
    EXPECT_GE(mallinfo2().arena, size) << "was given back";
}
#endif

}  // namespace
}  // namespace vglaw
