#include "vglaw/core/shallow_json.h"

#include <gtest/gtest.h>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

std::string nested(int depth) { return std::string(std::size_t(depth), '[') + std::string(std::size_t(depth), ']'); }

TEST(ShallowJson, IsReadWhenItIsShallow) {
    EXPECT_EQ(try_shallow_json(R"({"a":[1,{"b":null}]})"), Json::parse(R"({"a":[1,{"b":null}]})"));
    EXPECT_TRUE(try_shallow_json(nested(64)).is_array());
}

TEST(ShallowJson, IsNothingWhenItIsBrokenOrDeep) {
    EXPECT_TRUE(try_shallow_json("{\"a\":").is_discarded());
    EXPECT_TRUE(try_shallow_json("").is_discarded());
    EXPECT_TRUE(try_shallow_json(nested(66)).is_discarded());
    EXPECT_TRUE(try_shallow_json(nested(400'000)).is_discarded());
    std::string objects;
    for (int i = 0; i < 80'000; ++i) objects += "{\"a\":";
    EXPECT_TRUE(try_shallow_json(objects + "1" + std::string(80'000, '}')).is_discarded());
    EXPECT_TRUE(try_shallow_json(R"({"a":)" + nested(100) + R"(,"b":1})").is_discarded());
}

// Where a nested value stands before another key: the vector of keys grows, and copies it.
TEST(ShallowJson, SaysWhatIsWrong) {
    EXPECT_THROW((void)parse_shallow_json("{"), nlohmann::json::parse_error);
    for (const std::string& text : {R"({"a":)" + nested(200'000) + R"(,"b":1})", [] {
                                        std::string keys = "{";
                                        for (int i = 0; i < 30'000; ++i)
                                            keys.append("\"").append(std::to_string(i)).append("\":1,");
                                        return keys + "\"z\":1}";
                                    }()}) {
        try {
            (void)parse_shallow_json(text);
            FAIL() << text.substr(0, 20);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::corrupt_data);
        }
    }
}

}  // namespace
}  // namespace vglaw
