#include "vglaw/serve/protocol/route.h"

#include <gmock/gmock.h>

#include "tests/unit/serve/protocol/refusal.h"

namespace vglaw::serve {
namespace {

using testing::HasSubstr;

HttpRequest request(const char* method, const char* target) { return {method, target, {}, ""}; }

TEST(Route, FindsEachAddress) {
    EXPECT_EQ(find_route(request("GET", "/")).kind, RouteKind::page);
    EXPECT_EQ(find_route(request("HEAD", "/v1/models/")).kind, RouteKind::models);
    EXPECT_EQ(find_route(request("POST", "/v1/ground?expression=a")).kind, RouteKind::ground);
    EXPECT_EQ(find_route(request("GET", "/v2/health/live")).kind, RouteKind::v2_live);
    const Route infer = find_route(request("POST", "/v2/models/a.b%2Dc/versions/1/infer"));
    EXPECT_EQ(infer.kind, RouteKind::v2_infer);
    EXPECT_EQ(infer.model, "a.b-c");
    EXPECT_EQ(find_route(request("GET", "/v2/models/m")).kind, RouteKind::v2_model);
    EXPECT_EQ(find_route(request("GET", "/v2/models/m/versions/1")).kind, RouteKind::v2_model);
    EXPECT_EQ(find_route(request("GET", "/v2/models/m/ready")).kind, RouteKind::v2_model_ready);
}

TEST(Route, RefusesOtherAddresses) {
    for (const char* target : {"/v1", "/v1/ground/x", "//", "/..", "/v2/models/", "/v2/models//infer", "/v2/models/m/versions/2/infer",
                               "/v2/models/m/versions/10", "/v2/models/m/other", "/etc/passwd"})
        EXPECT_THAT(refusal_of([&] { (void)find_route(request("GET", target)); }), HasSubstr("404 not_found")) << target;
}

TEST(Route, RefusesOtherMethods) {
    EXPECT_THAT(refusal_of([] { (void)find_route(request("GET", "/v1/ground")); }), HasSubstr("405 method_not_allowed: this address takes POST"));
    EXPECT_THAT(refusal_of([] { (void)find_route(request("HEAD", "/v1/ground")); }), HasSubstr("405"));
    EXPECT_EQ(methods_of(request("DELETE", "/healthz")), "GET, HEAD");
    EXPECT_EQ(methods_of(request("GET", "/v2/models/m/infer")), "POST");
}

TEST(Route, AsksForATokenWhereSomethingIsTold) {
    for (const char* open : {"/", "/healthz", "/readyz", "/openapi.json", "/v2/health/live", "/v2/health/ready"})
        EXPECT_FALSE(find_route(request("GET", open)).needs_token()) << open;
    for (const char* closed : {"/metrics", "/v1/models", "/v1/scene", "/v2", "/v2/models/m", "/v2/models/m/ready"})
        EXPECT_TRUE(find_route(request("GET", closed)).needs_token()) << closed;
    EXPECT_TRUE(find_route(request("POST", "/v1/ground")).needs_token());
}

TEST(Route, HasFewLabels) {
    EXPECT_EQ(route_label(request("GET", "/v2/models/anything/infer")), "/v2/models/infer");
    EXPECT_EQ(route_label(request("GET", "/anything")), "other");
    EXPECT_EQ(route_label(request("GET", "")), "other");
}

TEST(Route, SpeaksEachProtocolsErrors) {
    EXPECT_EQ(route_error(request("GET", "/v2/x"), 404, "c", "no \"x\"", "id").body, "{\"error\":\"no \\\"x\\\"\"}");
    EXPECT_EQ(route_error(request("GET", "/x"), 404, "c", "m\xff", "id").body,
              "{\"error\":{\"code\":\"c\",\"message\":\"m?\"},\"request_id\":\"id\"}\n");
}

}  // namespace
}  // namespace vglaw::serve
