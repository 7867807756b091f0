#include "vglaw/interface/guard.h"

#include <gmock/gmock.h>

#include <new>
#include <stdexcept>
#include <thread>

namespace vglaw::interface {
namespace {

using ::testing::HasSubstr;

TEST(Guard, NoExceptionPasses) {
    EXPECT_EQ(guarded([] {}), VGLAW_OK);
    EXPECT_EQ(guarded([] { fail(ErrorCode::corrupt_data, "the file {} is cut off", "a.b"); }), VGLAW_CORRUPT_DATA);
    EXPECT_STREQ(vglaw_last_error(), "the file a.b is cut off");
    EXPECT_EQ(guarded([] { throw std::bad_alloc(); }), VGLAW_OUT_OF_MEMORY);
    EXPECT_THAT(vglaw_last_error(), HasSubstr("out of memory"));
    EXPECT_EQ(guarded([] { throw std::runtime_error("surprise"); }), VGLAW_INTERNAL);
    EXPECT_STREQ(vglaw_last_error(), "surprise");
    EXPECT_EQ(guarded([] { throw 1; }), VGLAW_INTERNAL);
    EXPECT_STREQ(vglaw_last_error(), "an exception of an unknown kind");
}

TEST(Guard, EveryCodeHasItsStatus) {
    const std::pair<ErrorCode, vglaw_status> all[] = {{ErrorCode::invalid_argument, VGLAW_INVALID_ARGUMENT},
                                                      {ErrorCode::not_found, VGLAW_NOT_FOUND},
                                                      {ErrorCode::corrupt_data, VGLAW_CORRUPT_DATA},
                                                      {ErrorCode::unsupported, VGLAW_UNSUPPORTED},
                                                      {ErrorCode::io, VGLAW_IO},
                                                      {ErrorCode::internal, VGLAW_INTERNAL}};
    for (const auto& [code, status] : all) EXPECT_EQ(guarded([&] { fail(code, "no"); }), status);
}

TEST(Guard, AThreadSeesItsOwnFailures) {
    ASSERT_EQ(guarded([] { fail(ErrorCode::io, "mine"); }), VGLAW_IO);
    std::thread([] {
        EXPECT_STREQ(vglaw_last_error(), "");
        ASSERT_EQ(guarded([] { fail(ErrorCode::io, "theirs"); }), VGLAW_IO);
    }).join();
    EXPECT_STREQ(vglaw_last_error(), "mine");
}

TEST(Guard, TheLongestMessageFits) {
    ASSERT_EQ(guarded([] { throw std::runtime_error(std::string(5000, 'x')); }), VGLAW_INTERNAL);
    EXPECT_EQ(std::string(vglaw_last_error()), std::string(kLongestMessage, 'x'));
}

TEST(Guard, StatusesHaveNames) {
    EXPECT_STREQ(vglaw_status_text(VGLAW_OK), "done");
    EXPECT_STREQ(vglaw_status_text(VGLAW_OUT_OF_MEMORY), "out of memory");
    EXPECT_STREQ(vglaw_status_text(8), "unknown status");
    EXPECT_STREQ(vglaw_status_text(-1), "unknown status");
}

TEST(Guard, HeaderAndLibraryAreOfOneVersion) { EXPECT_STREQ(vglaw_version(), VGLAW_VERSION_STRING); }

}  // namespace
}  // namespace vglaw::interface
