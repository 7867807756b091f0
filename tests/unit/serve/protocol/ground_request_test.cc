#include "vglaw/serve/protocol/ground_request.h"

#include <gmock/gmock.h>

#include "tests/unit/serve/protocol/refusal.h"

namespace vglaw::serve {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

HttpRequest request(const std::string& type, std::string body, const std::string& target = "/v1/ground") {
    return {"POST", target, {{"Content-Type", type}}, std::move(body)};
}

GroundRequest parsed(HttpRequest request, std::size_t expressions = 3) {
    return parse_ground_request(request, parse_target(request.target), {.expressions = expressions});
}

std::string refused(HttpRequest request) {
    return refusal_of([&] { (void)parsed(std::move(request)); });
}

std::string part(const std::string& name, const std::string& content) {
    return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + content + "\r\n";
}

constexpr const char* form = "multipart/form-data; boundary=b";

TEST(GroundRequest, ReadsAForm) {
    const auto asked = parsed(request(form, part("expression", "one") + part("image", "JPEG") + part("expression", "two") +
                                                part("explain", "1") + part("mask_png", "true") + part("model", "m") + "--b--"));
    EXPECT_EQ(asked.image, "JPEG");
    EXPECT_THAT(asked.expressions, ElementsAre("one", "two"));
    EXPECT_EQ(asked.model, "m");
    EXPECT_TRUE(asked.explain && asked.mask_png);
    EXPECT_FALSE(asked.overlay_png);
}

TEST(GroundRequest, ReadsJson) {
    const auto asked = parsed(request("application/json; charset=utf-8",
                                      R"({"image": "SlBFRw==", "expressions": ["one", "two"], "overlay_png": true, "explain": 1, "mask_png": 0})"));
    EXPECT_EQ(asked.image, "JPEG");
    EXPECT_THAT(asked.expressions, ElementsAre("one", "two"));
    EXPECT_TRUE(asked.overlay_png && asked.explain);
    EXPECT_FALSE(asked.mask_png);
    EXPECT_EQ(parsed(request("application/json", R"({"image": "SlBFRw==", "caption": "[a]"})")).caption, "[a]");
}

TEST(GroundRequest, ReadsABarePicture) {
    const auto asked = parsed(request("image/jpeg", "JPEG", "/v1/ground?expression=the+ball&expression=b&explain=1"));
    EXPECT_EQ(asked.image, "JPEG");
    EXPECT_THAT(asked.expressions, ElementsAre("the ball", "b"));
    EXPECT_TRUE(asked.explain);
}

TEST(GroundRequest, RefusesOtherMediaTypes) {
    EXPECT_THAT(refused(request("text/plain", "x")), HasSubstr("415 unsupported_media_type: the Content-Type 'text/plain'"));
    EXPECT_THAT(refused(request("", "x")), HasSubstr("415"));
    HttpRequest zipped = request("image/png", "x", "/v1/ground?expression=a");
    zipped.headers.emplace_back("content-encoding", "gzip");
    EXPECT_THAT(refused(zipped), HasSubstr("415 unsupported_encoding"));
}

TEST(GroundRequest, RefusesWhatIsMissingDoubledOrUnknown) {
    EXPECT_THAT(refused(request(form, part("expression", "a") + "--b--")), HasSubstr("400 no_image"));
    EXPECT_THAT(refused(request(form, part("image", "a") + "--b--")), HasSubstr("422 no_expression"));
    EXPECT_THAT(refused(request(form, part("image", "a") + part("image", "b") + "--b--")), HasSubstr("400 bad_form: the form has two pictures"));
    EXPECT_THAT(refused(request(form, part("image", "a") + part("expresion", "b") + "--b--")), HasSubstr("400 unknown_field: there is no field 'expresion'"));
    EXPECT_THAT(refused(request(form, part("image", "a") + part("explain", "maybe") + "--b--")), HasSubstr("400 bad_field: explain is 1 or 0, not 'maybe'"));
    EXPECT_THAT(refused(request(form, part("image", "a") + part("expression", "b") + part("caption", "[c]") + "--b--")), HasSubstr("422 no_expression"));
    EXPECT_THAT(refused(request("image/png", "a", "/v1/ground?expression=b&image=c")), HasSubstr("400 bad_field"));
    EXPECT_THAT(refused(request("image/png", "", "/v1/ground?expression=b")), HasSubstr("400 no_image"));
}

TEST(GroundRequest, RefusesJsonOfOtherTypes) {
    for (const char* bad : {R"([])", R"("x")", R"({"image": 1})", R"({"image": "SlBF", "expressions": "a"})",
                            R"({"image": "SlBF", "expressions": [1]})", R"({"image": "SlBF", "explain": "1"})",
                            R"({"image": "SlBF", "explain": 2})", R"({"image": "SlBF", "model": 1})",
                            R"({"image": "SlBF", "expression": "a"})", R"({"image": "SlBF", "other": "a"})",
                            R"({"image": "!", "expressions": ["a"]})", R"({"image)"})
        EXPECT_THAT(refused(request("application/json", bad)), HasSubstr("400 ")) << bad;
}

TEST(GroundRequest, BoundsTheExpressions) {
    EXPECT_THAT(refused(request("image/png", "a", "/v1/ground?expression=a&expression=b&expression=c&expression=d")),
                HasSubstr("422 too_many_expressions: 4 expressions, accepted in one request are 3"));
    std::string many = "{\"image\": \"SlBF\", \"expressions\": [\"a\"";
    for (int i = 0; i < 10'000; ++i) many += ",\"a\"";
    EXPECT_THAT(refused(request("application/json", many + "]}")), HasSubstr("more than 67 values"));
    std::string parts;
    for (int i = 0; i < 10'000; ++i) parts += part("expression", "a");
    EXPECT_THAT(refused(request(form, parts + "--b--")), HasSubstr("more than 11 parts"));
}

}  // namespace
}  // namespace vglaw::serve
