#include "vglaw/serve/protocol/request_target.h"

#include <gmock/gmock.h>

#include "tests/unit/serve/protocol/refusal.h"

namespace vglaw::serve {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(RequestTarget, TakesPathAndQueryApart) {
    const auto target = parse_target("/v1/ground?expression=the%20red+ball&expression=caf%C3%A9&explain&a=b=c#top");
    EXPECT_EQ(target.path, "/v1/ground");
    EXPECT_THAT(target.query, ElementsAre(Pair("expression", "the red ball"), Pair("expression", "caf\u00e9"),
                                          Pair("explain", ""), Pair("a", "b=c")));
    EXPECT_EQ(target.value("expression"), "caf\u00e9");
    EXPECT_EQ(target.value("model"), "");
}

TEST(RequestTarget, LeavesAPlusInThePathAlone) { EXPECT_EQ(parse_target("/a+b").path, "/a+b"); }

TEST(RequestTarget, LooksUpNoFolders) { EXPECT_EQ(parse_target("/../../etc/passwd").path, "/../../etc/passwd"); }

TEST(RequestTarget, RefusesWhatIsBroken) {
    for (const char* bad : {"", "v1/ground", "http://x/", "/%", "/%4", "/%zz", "/a?b=%f", "/%00"})
        EXPECT_THAT(refusal_of([&] { (void)parse_target(bad); }), HasSubstr("400 bad_target")) << bad;
}

}  // namespace
}  // namespace vglaw::serve
