#include "vglaw/data/dataset_views.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/data/painted.h"

namespace vglaw {
namespace {

class Boxes : public PaintedDataset {
public:
    using PaintedDataset::PaintedDataset;
    [[nodiscard]] bool has_masks() const override { return false; }
};

TEST(SubsetDataset, SpreadsEvenlyAndGivesTheSameExamples) {
    const auto whole = std::make_shared<PaintedDataset>(10);
    const SubsetDataset subset = SubsetDataset::evenly(whole, 4);
    ASSERT_EQ(subset.size(), 4U);
    EXPECT_EQ(subset.name(), "painted (4 of 10)");
    EXPECT_EQ(subset.get(0).image, whole->get(0).image);
    EXPECT_EQ(subset.get(3).image, whole->get(7).image);
    EXPECT_EQ(SubsetDataset::evenly(whole, 99).size(), 10U);
    EXPECT_THROW(SubsetDataset(whole, {3, 10}), Error);
    EXPECT_THROW((void)subset.get(4), Error);
}

TEST(ConcatDataset, PutsOnePartBehindTheOther) {
    const auto first = std::make_shared<PaintedDataset>(3), second = std::make_shared<PaintedDataset>(2);
    const auto empty = std::make_shared<PaintedDataset>(0);
    const ConcatDataset joined({empty, first, empty, second});
    ASSERT_EQ(joined.size(), 5U);
    EXPECT_TRUE(joined.has_masks());
    EXPECT_EQ(joined.get(2).image, first->get(2).image);
    EXPECT_EQ(joined.get(3).image, second->get(0).image);
    EXPECT_THROW((void)joined.get(5), Error);
    EXPECT_THROW(ConcatDataset({}), Error);
}

TEST(ConcatDataset, HasNoMasksWhenOnePartHasNone) {
    const ConcatDataset joined({std::make_shared<PaintedDataset>(1), std::make_shared<Boxes>(1)});
    EXPECT_FALSE(joined.has_masks());
    EXPECT_TRUE(joined.get(0).mask.empty());
}

}  // namespace
}  // namespace vglaw
