#include "vglaw/core/config_fields.h"

#include <gmock/gmock.h>

#include "tests/unit/core/refusal.h"

namespace vglaw {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

struct Inner {
    double rate = 0.5;
    std::vector<int> blocks{2, 5};
    template <typename Visitor>
    void visit_fields(Visitor& visit) {
        visit("rate", rate, "how often", Between{0, 1});
        visit("blocks", blocks, "which ones", Between{0, 11});
    }
};

struct Outer {
    int layers = 6, plain = 0;
    std::int64_t big = 0;
    bool on = true;
    std::string kind = "red", name = "x";
    std::array<double, 3> mean{0.1, 0.2, 0.3};
    Inner inner;
    template <typename Visitor>
    void visit_fields(Visitor& visit) {
        visit("layers", layers, "transformer layers", Between{1, 48});
        visit("plain", plain, "a number without a range");
        visit("big", big, "a 64-bit number without a range");
        visit("on", on, "a switch");
        visit("kind", kind, "a choice", OneOf{"red", "blue"});
        visit("name", name, "any text");
        visit("mean", mean, "three of them", Between{0, 1});
        visit("inner", inner, "");
    }
};

Outer read(const std::string& json) { return config_from_json<Outer>(Json::parse(json), "a.toml"); }
std::string refused(const std::string& json) {
    return refusal(ErrorCode::invalid_argument, [&] { (void)read(json); });
}

TEST(ConfigFields, KeepsDefaultsOfAbsentKeys) {
    const auto config = read(R"({"inner": {"rate": 1}})");
    EXPECT_EQ(config.layers, 6);
    EXPECT_EQ(config.inner.rate, 1.0);  // an integer is a number too
    EXPECT_THAT(config.inner.blocks, ElementsAre(2, 5));
}

TEST(ConfigFields, ReadsBackWhatItWrites) {
    Outer config;
    config.layers = 48;
    config.big = -(std::int64_t{1} << 62);
    config.on = false;
    config.kind = "blue";
    config.name = "a \"b\" é";
    config.mean = {0, 0.1, 1};
    config.inner.rate = 1.0 / 3;
    config.inner.blocks = {};
    const auto json = config_to_json(config);
    const auto again = config_from_json<Outer>(Json::parse(json.dump()), "a.json");
    EXPECT_EQ(config_to_json(again), json);
    EXPECT_EQ(again.inner.rate, 1.0 / 3);
    EXPECT_EQ(again.big, config.big);
    EXPECT_TRUE(again.inner.blocks.empty());
    EXPECT_FALSE(again.on);
}

TEST(ConfigFields, SuggestsTheNearestKeyForAnUnknownOne) {
    EXPECT_THAT(refused(R"({"layer": 3})"),
                AllOf(HasSubstr("a.toml"), HasSubstr("unknown key 'layer'; did you mean 'layers'?")));
    EXPECT_THAT(refused(R"({"inner": {"ratte": 1}})"), HasSubstr("'inner.ratte'; did you mean 'inner.rate'?"));
    EXPECT_THAT(refused(R"({"inner": {"layers": 1}})"), HasSubstr("unknown key 'inner.layers'"));
}

TEST(ConfigFields, RefusesTheWrongType) {
    EXPECT_THAT(refused(R"({"layers": "six"})"), HasSubstr("key 'layers' must be an integer, not \"six\""));
    EXPECT_THAT(refused(R"({"layers": 6.0})"), HasSubstr("an integer"));
    EXPECT_THAT(refused(R"({"layers": true})"), HasSubstr("an integer"));
    EXPECT_THAT(refused(R"({"on": 1})"), HasSubstr("key 'on' must be true or false, not 1"));
    EXPECT_THAT(refused(R"({"name": 1})"), HasSubstr("must be a text"));
    EXPECT_THAT(refused(R"({"inner": 1})"), HasSubstr("key 'inner' must be a table, not 1"));
    EXPECT_THAT(refused(R"({"inner": {"rate": null}})"), HasSubstr("key 'inner.rate' must be a number, not null"));
    EXPECT_THAT(refused(R"({"inner": {"blocks": 3}})"), HasSubstr("must be a list"));
    EXPECT_THAT(refused(R"({"inner": {"blocks": [1, 2.5]}})"), HasSubstr("an integer"));
    EXPECT_THAT(refused("[]"), HasSubstr("must be a table"));
}

TEST(ConfigFields, RefusesValuesOutOfRange) {
    EXPECT_EQ(read(R"({"layers": 1})").layers, 1);
    EXPECT_EQ(read(R"({"layers": 48})").layers, 48);
    EXPECT_THAT(refused(R"({"layers": 0})"), HasSubstr("key 'layers' is 0, accepted is 1 to 48"));
    EXPECT_THAT(refused(R"({"layers": 49})"), HasSubstr("1 to 48"));
    EXPECT_THAT(refused(R"({"mean": [0, 0, 1.5]})"), HasSubstr("key 'mean' is 1.5, accepted is 0 to 1"));
    EXPECT_THAT(refused(R"({"inner": {"blocks": [1, 12]}})"), HasSubstr("accepted is 0 to 11"));
    EXPECT_THAT(refused(R"({"kind": "green"})"), HasSubstr("key 'kind' is \"green\", accepted is red | blue"));
    auto json = Json::object();
    json["inner"]["rate"] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THAT(refusal(ErrorCode::invalid_argument, [&] { (void)config_from_json<Outer>(json, "a"); }),
                HasSubstr("'inner.rate'"));
}

TEST(ConfigFields, NeverWrapsANumberThatDoesNotFitItsField) {
    EXPECT_EQ(read(R"({"plain": -2147483648})").plain, std::numeric_limits<int>::min());
    EXPECT_EQ(read(R"({"big": 9223372036854775807})").big, std::numeric_limits<std::int64_t>::max());
    EXPECT_THAT(refused(R"({"plain": 2147483648})"), HasSubstr("'plain' is 2147483648"));
    EXPECT_THAT(refused(R"({"plain": -2147483649})"), HasSubstr("'plain' is -2147483649"));
    EXPECT_THAT(refused(R"({"big": 9223372036854775808})"), HasSubstr("'big' is 9223372036854775808"));
}

TEST(ConfigFields, RefusesAListOfTheWrongLengthForAFixedOne) {
    EXPECT_THAT(refused(R"({"mean": [0, 1]})"), HasSubstr("'mean' must be a list of 3 numbers, not a list of 2"));
    EXPECT_THAT(refused(R"({"mean": [0, 1, 0, 1]})"), HasSubstr("a list of 3 numbers"));
    EXPECT_THAT(read(R"({"inner": {"blocks": [1, 2, 3]}})").inner.blocks, ElementsAre(1, 2, 3));
}

TEST(ConfigFields, AnswersShortlyToEndlessNonsense) {
    const std::string deep(100000, '[');
    EXPECT_LT(refused("{\"layers\": " + deep + std::string(100000, ']') + "}").size(), 200u);
    EXPECT_LT(refused("{\"layers\": \"" + std::string(100000, 'x') + "\"}").size(), 200u);
    Json json = Json::object();
    json["layers"] = "\xff broken \n";
    EXPECT_THAT(refusal(ErrorCode::invalid_argument, [&] { (void)config_from_json<Outer>(json, "a"); }),
                HasSubstr("must be an integer"));
}

TEST(ConfigFields, HelpListsEveryKeyWithDefaultAndRange) {
    const auto help = config_help<Outer>();
    for (const char* key : {"layers", "plain", "big", "on", "kind", "name", "mean", "inner.rate", "inner.blocks"}) {
        EXPECT_THAT(help, HasSubstr(std::string("  ") + key + " "));
    }
    EXPECT_EQ(std::count(help.begin(), help.end(), '\n'), 9);
    EXPECT_THAT(help, AllOf(HasSubstr("transformer layers (default 6; 1 to 48)"), HasSubstr("red | blue"),
                            HasSubstr("which ones (default [2,5]; 0 to 11)"), Not(HasSubstr("any number"))));
}

}  // namespace
}  // namespace vglaw
