#include "vglaw/data/published_counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vglaw {
namespace {

TEST(PublishedCounts, AddUpToTheSetsTotals) {
    struct Total {
        const char *dataset, *split_by;
        SplitCounts all;  // as published for the whole set; 0 where splits share pictures or a count is unknown
    };
    for (const auto& [dataset, split_by, all] :
         {Total{"refcoco", "unc", {50000, 142210, 19994}}, Total{"refcoco+", "unc", {49856, 141564, 19992}},
          Total{"refcocog", "umd", {49822, 95010, 25799}}, Total{"refcocog", "google", {49822, 95010, 0}}}) {
        SplitCounts sum;
        for (const std::string& split : published_splits(dataset, split_by)) {
            const auto counts = published_counts(dataset, split_by, split);
            ASSERT_TRUE(counts);
            sum.references += counts->references;
            sum.expressions += counts->expressions;
            if (!divides_objects(split_by)) sum.pictures += counts->pictures;
        }
        EXPECT_EQ(sum, all) << dataset << " " << split_by;
    }
}

TEST(PublishedCounts, KnowNothingOfOtherSets) {
    EXPECT_EQ(published_counts("refcoco", "umd", "val"), std::nullopt);
    EXPECT_EQ(published_counts("refcoco", "unc", "testC"), std::nullopt);
    EXPECT_TRUE(published_splits("mine", "unc").empty());
    EXPECT_THAT(published_splits("refcoco", "unc"), testing::ElementsAre("train", "val", "testA", "testB"));
}

}  // namespace
}  // namespace vglaw
