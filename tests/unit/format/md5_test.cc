#include "vglaw/format/md5.h"

#include <gtest/gtest.h>

#include <string_view>

namespace vglaw {
namespace {

std::string md5(std::string_view text) {
    return md5_hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

TEST(Md5, EqualsTheTestSuiteOfRfc1321) {
    EXPECT_EQ(md5(""), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(md5("abc"), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(md5("12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
              "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(Md5, PadsEveryLengthAroundABlock) {
    // md5(b"a" * n) by Python's hashlib
    EXPECT_EQ(md5(std::string(55, 'a')), "ef1772b6dff9a122358552954ad0df65");
    EXPECT_EQ(md5(std::string(56, 'a')), "3b0c8ac703f828b04c6c197006d17218");
    EXPECT_EQ(md5(std::string(64, 'a')), "014842d480b571495a4a0363793f7367");
}

}  // namespace
}  // namespace vglaw
