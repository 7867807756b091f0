#include "vglaw/core/config_file.h"

#include <gmock/gmock.h>

#include "tests/unit/core/refusal.h"
#include "vglaw/core/files.h"

namespace vglaw {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Json overridden(const std::string& assignment, Json tree = Json::object()) {
    apply_override(tree, assignment);
    return tree;
}
std::string refused(const std::string& assignment, Json tree = Json::object()) {
    return refusal(ErrorCode::invalid_argument, [&] { apply_override(tree, assignment); });
}

TEST(ConfigFile, ReadsATreeOfTables) {
    const auto tree = parse_toml("a = 1\n[b]\nc = 2.5\nd = [1, 2]\n[b.e]\nf = true\ng = 'x'\n", "a.toml");
    EXPECT_EQ(tree, Json::parse(R"({"a": 1, "b": {"c": 2.5, "d": [1, 2], "e": {"f": true, "g": "x"}}})"));
    EXPECT_TRUE(tree["a"].is_number_integer());
    EXPECT_TRUE(parse_toml("", "a.toml").is_object());
}

TEST(ConfigFile, NamesFileAndLineOfASyntaxError) {
    const auto parse = [](const std::string& text) {
        return refusal(ErrorCode::invalid_argument, [&] { (void)parse_toml(text, "a.toml"); });
    };
    EXPECT_THAT(parse("a = 1\nb = = 2\n"), StartsWith("a.toml:2:"));
    EXPECT_THAT(parse("a = 1\nb = 2\na = 3\n"), StartsWith("a.toml:3:"));
    EXPECT_THAT(parse("a = \"never closed\n"), StartsWith("a.toml:1:"));
    EXPECT_THAT(parse("\xff"), StartsWith("a.toml:1:"));
    EXPECT_THAT(parse("a = 2026-01-01\n"), HasSubstr("dates and times"));
    EXPECT_THAT(parse("a = 2026-01-01T[00:00:00Z\n"), StartsWith("a.toml: not TOML"));  // toml++ 3.3 aborts here
    EXPECT_EQ(overridden("a=2026-01-01T[00:00:00Z")["a"], "2026-01-01T[00:00:00Z");
}

TEST(ConfigFile, ReadsLettersBeyondAsciiWhereTomlHasThem) {
    // toml++ 3.3 runs into undefined behaviour at each of these, which UBSan sees.
    EXPECT_EQ(parse_toml("'\u00e9\u0311\u0416' = '\u00e9' # \u00e9\n", "a.toml")["\u00e9\u0311\u0416"], "\u00e9");
    EXPECT_EQ(overridden("a=\u00e9")["a"], "\u00e9");
    EXPECT_THAT(refusal(ErrorCode::invalid_argument, [] { (void)parse_toml("dept\u0311h = 2\n", "a.toml"); }),
                StartsWith("a.toml:1:"));
}

TEST(ConfigFile, RefusesLinesThatNestAHundredThousandTables) {
    std::string key;
    for (int i = 0; i < 100'000; ++i) key += "a.";
    for (const std::string& text : {"x = 1\n" + key + "a = 1", "\n[" + key + "a]\nb = 1", "\nx = {" + key + "a = 1}"}) {
        EXPECT_THAT(refusal(ErrorCode::invalid_argument, [&] { (void)parse_toml(text, "deep.toml"); }),
                    HasSubstr("deep.toml:2:"));
    }
    EXPECT_THAT(refused(key + "a=1"), HasSubstr("4096"));
    std::string lines;
    for (int i = 0; i < 100'000; ++i) lines += "a.\n";
    EXPECT_THAT(refused(lines + "a=1"), HasSubstr("4096"));
    EXPECT_EQ(parse_toml("x = '" + std::string(4000, 'y') + "'\n", "long.toml")["x"].get<std::string>().size(), 4000U);
}

TEST(ConfigFile, ReadsFromDisk) {
    const auto path = std::filesystem::path(testing::TempDir()) / "config_file_test.toml";
    write_text(path, "a = 7\n");
    EXPECT_EQ(read_toml(path)["a"], 7);
    std::filesystem::remove(path);
    EXPECT_THAT(refusal(ErrorCode::not_found, [&] { (void)read_toml(path); }), HasSubstr(path.string()));
}

TEST(ConfigFile, OverridesWithATomlValue) {
    EXPECT_EQ(overridden("train.lr=1e-3")["train"]["lr"], 1e-3);
    EXPECT_EQ(overridden("a=-3")["a"], -3);
    EXPECT_EQ(overridden("a=true")["a"], true);
    EXPECT_EQ(overridden("vision.global_blocks=[2, 5]")["vision"]["global_blocks"], Json::parse("[2, 5]"));
    EXPECT_EQ(overridden("a=\"two words\"")["a"], "two words");
    EXPECT_EQ(overridden("a={b = 1}")["a"]["b"], 1);
}

TEST(ConfigFile, ReadsABareWordAsText) {
    EXPECT_EQ(overridden("law.kind=none")["law"]["kind"], "none");
    EXPECT_EQ(overridden("data.root=/data/refer=x")["data"]["root"], "/data/refer=x");
    EXPECT_EQ(overridden("data.vocabulary=")["data"]["vocabulary"], "");
    // Not a second key: what follows the line break belongs to the value.
    EXPECT_EQ(overridden("a=1\nb=2"), Json::parse(R"({"a": "1\nb=2"})"));
}

TEST(ConfigFile, OverridesReplaceAndKeepTheRest) {
    const auto tree = overridden("law.rank=8", Json::parse(R"({"law": {"kind": "none", "rank": 4}, "a": 1})"));
    EXPECT_EQ(tree, Json::parse(R"({"law": {"kind": "none", "rank": 8}, "a": 1})"));
}

TEST(ConfigFile, RefusesWhatIsNotAnAssignment) {
    EXPECT_THAT(refused("law.kind"), HasSubstr("write it as key=value"));
    EXPECT_THAT(refused("=3"), HasSubstr("write it as key=value"));
    for (const char* bad : {".a=1", "a.=1", "a..b=1", ".=1"}) {
        EXPECT_THAT(refused(bad), HasSubstr("is not a key")) << bad;
    }
    EXPECT_THAT(refused("a.b=1", Json::parse(R"({"a": 3})")), HasSubstr("'a.b' is not a key"));
}

TEST(ConfigFile, LeavesTheTreeAloneWhenItRefuses) {
    Json tree = Json::parse(R"({"a": 1})");
    EXPECT_THROW(apply_override(tree, "b.c..d=1"), Error);
    EXPECT_EQ(tree, Json::parse(R"({"a": 1})"));
}

}  // namespace
}  // namespace vglaw
