#include "vglaw/study/config_difference.h"

#include <gtest/gtest.h>

namespace vglaw {
namespace {

TEST(ConfigDifference, ListsEveryKeyAndSaysWhichDiffer) {
    const auto rows = compare_configs({Json::parse(R"({"law":{"kind":"lowrank","rank":32},"blocks":[1,2]})"),
                                       Json::parse(R"({"law":{"kind":"none","rank":32,"new":1},"blocks":[1,3]})")});
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0].key, "law.kind");
    EXPECT_EQ(rows[0].values, (std::vector<std::string>{"\"lowrank\"", "\"none\""}));
    EXPECT_TRUE(rows[0].differs());
    EXPECT_EQ(rows[1].key, "law.rank");
    EXPECT_FALSE(rows[1].differs());
    EXPECT_EQ(rows[2].key, "law.new");  // beside the others of its table
    EXPECT_EQ(rows[2].values, (std::vector<std::string>{"", "1"}));
    EXPECT_EQ(rows[3].key, "blocks");
    EXPECT_TRUE(rows[3].differs());
}

TEST(ConfigDifference, OneConfigurationDoesNotDiffer) {
    for (const ConfigRow& row : compare_configs({Json::parse(R"({"a":{"b":1},"c":null})")})) {
        EXPECT_FALSE(row.differs());
    }
}

}  // namespace
}  // namespace vglaw
