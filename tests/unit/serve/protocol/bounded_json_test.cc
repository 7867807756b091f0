#include "vglaw/serve/protocol/bounded_json.h"

#include <gmock/gmock.h>

#include "tests/unit/serve/protocol/refusal.h"

namespace vglaw::serve {
namespace {

using testing::HasSubstr;

std::string nested(int depth) { return std::string(std::size_t(depth), '[') + std::string(std::size_t(depth), ']'); }

TEST(BoundedJson, ReadsWhatIsWithinItsLimits) {
    EXPECT_EQ(parse_bounded("{\"a\": [1, 2.5, \"x\", null, true]}").dump(), "{\"a\":[1,2.5,\"x\",null,true]}");
    EXPECT_EQ(parse_bounded(nested(16)).dump(), nested(16));
}

TEST(BoundedJson, RefusesDepth) {
    EXPECT_THAT(refusal_of([] { (void)parse_bounded(nested(17)); }), HasSubstr("nested more than 16 deep"));
    EXPECT_THAT(refusal_of([] { (void)parse_bounded(std::string(10'000'000, '[')); }), HasSubstr("nested more than 16 deep"));
    std::string objects;
    for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
    EXPECT_THAT(refusal_of([&] { (void)parse_bounded(objects); }), HasSubstr("nested more than 16 deep"));
}

TEST(BoundedJson, RefusesManyValues) {
    EXPECT_EQ(parse_bounded("[1,2]", {.values = 3}).size(), 2U);
    EXPECT_THAT(refusal_of([] { (void)parse_bounded("[1,2,3]", {.values = 3}); }), HasSubstr("more than 3 values"));
}

TEST(BoundedJson, NamesThePlaceAndQuotesNothing) {
    const std::string refusal = refusal_of([] { (void)parse_bounded("{\"image\": \"secret\", oops}"); });
    EXPECT_THAT(refusal, HasSubstr("400 bad_json: the body is not JSON: wrong at byte 22"));
    EXPECT_THAT(refusal, Not(HasSubstr("secret")));
    for (const char* bad : {"", "{", "[1,", "nul", "\"\xff\"", "1 2", "{\"a\":1e999}"})
        EXPECT_THAT(refusal_of([&] { (void)parse_bounded(bad); }), HasSubstr("400 bad_json")) << bad;
}

}  // namespace
}  // namespace vglaw::serve
