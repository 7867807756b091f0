#include "vglaw/serve/protocol/base64.h"

#include <gmock/gmock.h>

#include "tests/unit/serve/protocol/refusal.h"
#include "vglaw/core/rng.h"

namespace vglaw::serve {
namespace {

using testing::HasSubstr;

std::string encoded(std::string_view text) {
    return to_base64({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

TEST(Base64, EqualsTheExamplesOfTheStandard) {  // RFC 4648, section 10
    const std::pair<const char*, const char*> examples[] = {{"", ""},         {"f", "Zg=="},         {"fo", "Zm8="},
                                                            {"foo", "Zm9v"},  {"foob", "Zm9vYg=="},  {"fooba", "Zm9vYmE="},
                                                            {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, text] : examples) {
        EXPECT_EQ(encoded(plain), text);
        EXPECT_EQ(from_base64(text), plain);
    }
}

TEST(Base64, GivesBackEveryByte) {
    Rng rng(1);
    for (std::size_t size = 0; size < 300; ++size) {
        std::string bytes;
        for (std::size_t i = 0; i < size; ++i) bytes += char(rng.uniform_int(0, 255));
        EXPECT_EQ(from_base64(encoded(bytes)), bytes);
    }
}

TEST(Base64, PassesOverLineBreaksAndMissingPadding) {
    EXPECT_EQ(from_base64("Zm9v\r\nYmE"), "fooba");
    EXPECT_EQ(from_base64("Zg"), "f");
}

TEST(Base64, RefusesWhatIsNoBase64) {
    EXPECT_THAT(refusal_of([] { (void)from_base64("Zm9v!"); }), HasSubstr("400 bad_base64: the base64 text has a wrong character at byte 4"));
    for (const char* bad : {"Z", "Zm9vZ", "Zg==Zg==", "Zg=v", "Zg===", "data:image/png;base64,Zm9v", "Zm-_"})
        EXPECT_THAT(refusal_of([&] { (void)from_base64(bad); }), HasSubstr("400 bad_base64")) << bad;
}

}  // namespace
}  // namespace vglaw::serve
