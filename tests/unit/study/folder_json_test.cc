#include "vglaw/study/folder_json.h"

#include <gtest/gtest.h>

namespace vglaw {
namespace {

std::string nested(int depth) { return std::string(std::size_t(depth), '[') + std::string(std::size_t(depth), ']'); }

TEST(FolderJson, IsReadWhenItIsShallow) {
    EXPECT_EQ(parse_folder_json(R"({"a":[1,{"b":null}]})"), Json::parse(R"({"a":[1,{"b":null}]})"));
    EXPECT_TRUE(parse_folder_json(nested(64)).is_array());
}

TEST(FolderJson, IsNothingWhenItIsBrokenOrDeep) {
    EXPECT_TRUE(parse_folder_json("{\"a\":").is_discarded());
    EXPECT_TRUE(parse_folder_json("").is_discarded());
    EXPECT_TRUE(parse_folder_json(nested(66)).is_discarded());
    EXPECT_TRUE(parse_folder_json(nested(400'000)).is_discarded());
    std::string objects;
    for (int i = 0; i < 80'000; ++i) objects += "{\"a\":";
    EXPECT_TRUE(parse_folder_json(objects + "1" + std::string(80'000, '}')).is_discarded());
    EXPECT_TRUE(parse_folder_json(R"({"a":)" + nested(100) + R"(,"b":1})").is_discarded());
}

}  // namespace
}  // namespace vglaw
