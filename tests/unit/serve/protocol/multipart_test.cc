#include "vglaw/serve/protocol/multipart.h"

#include <gmock/gmock.h>

#include "tests/unit/serve/protocol/refusal.h"

namespace vglaw::serve {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* type = "multipart/form-data; boundary=XyZ";

TEST(Multipart, ReadsFieldsAndFiles) {
    const std::string body =
        "--XyZ\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a;b.png\"\r\nContent-Type: image/png\r\n\r\n"
        "\x89PNG\r\n--Xy\r\n"
        "\r\n--XyZ\r\ncontent-disposition: form-data; name=expression\r\n\r\nthe \"red\" ball"
        "\r\n--XyZ  \r\nContent-Disposition: form-data; name=\"empty \\\"one\\\"\"\r\n\r\n"
        "\r\n--XyZ--\r\n";
    const auto parts = parse_multipart(type, body, 10);
    ASSERT_THAT(parts, SizeIs(3));
    EXPECT_EQ(parts[0].name, "image");
    EXPECT_TRUE(parts[0].is_file);
    EXPECT_EQ(parts[0].content_type, "image/png");
    EXPECT_EQ(parts[0].content, "\x89PNG\r\n--Xy\r\n") << "what only looks like the boundary is content";
    EXPECT_EQ(parts[1].name, "expression");
    EXPECT_FALSE(parts[1].is_file);
    EXPECT_EQ(parts[1].content, "the \"red\" ball");
    EXPECT_EQ(parts[2].name, "empty \"one\"");
    EXPECT_EQ(parts[2].content, "");
}

TEST(Multipart, PassesOverWhatStandsBeforeAndBehind) {
    const auto parts = parse_multipart("multipart/form-data; charset=x; boundary=\"b b\"",
                                       "hello\r\n--b b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b b--bye", 10);
    ASSERT_THAT(parts, SizeIs(1));
    EXPECT_EQ(parts[0].content, "1");
}

TEST(Multipart, RefusesABoundaryThatIsNone) {
    for (const char* bad : {"multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary"})
        EXPECT_THAT(refusal_of([&] { (void)parse_multipart(bad, "--\r\n", 10); }), HasSubstr("400 bad_form")) << bad;
    const std::string endless = "multipart/form-data; boundary=" + std::string(71, 'a');
    EXPECT_THAT(refusal_of([&] { (void)parse_multipart(endless, "", 10); }), HasSubstr("boundary of 1 to 70"));
}

TEST(Multipart, RefusesEveryCutForm) {
    const std::string body = "--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--XyZ--";
    ASSERT_THAT(parse_multipart(type, body, 10), SizeIs(1));
    for (std::size_t cut = 0; cut < body.size(); ++cut)
        EXPECT_THAT(refusal_of([&] { (void)parse_multipart(type, body.substr(0, cut), 10); }), HasSubstr("400 bad_form")) << cut;
}

TEST(Multipart, RefusesTooManyPartsAndNamelessOnes) {
    const std::string part = "--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n";
    EXPECT_THAT(refusal_of([&] { (void)parse_multipart(type, part + part + part + "--XyZ--", 2); }), HasSubstr("more than 2 parts"));
    EXPECT_THAT(refusal_of([&] { (void)parse_multipart(type, "--XyZ\r\n\r\n1\r\n--XyZ--", 2); }), HasSubstr("has no name"));
    EXPECT_THAT(refusal_of([&] { (void)parse_multipart(type, "--XyZ\r\nX: " + std::string(9000, 'a') + "\r\n\r\n1\r\n--XyZ--", 2); }),
                HasSubstr("no end of its headers"));
}

}  // namespace
}  // namespace vglaw::serve
