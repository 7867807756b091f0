#include "vglaw/data/annotation_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

using testing::HasSubstr;

TableTarget target_in(std::uint32_t picture, BoxXyxy box) {
    TableTarget target;
    target.picture = picture;
    target.ref_id = 7;
    target.box_px = box;
    return target;
}

TEST(TableBuilder, EntersPicturesAndSplitsOnce) {
    TableBuilder builder("set");
    EXPECT_EQ(builder.picture(5, "a.jpg", 4, 3), 0U);
    EXPECT_EQ(builder.picture(6, "b.jpg", 4, 3), 1U);
    EXPECT_EQ(builder.picture(5, "a.jpg", 4, 3), 0U);
    EXPECT_THROW((void)builder.picture(5, "c.jpg", 4, 3), Error);
    EXPECT_EQ(builder.split("val"), 0U);
    EXPECT_EQ(builder.split("train"), 1U);
    EXPECT_EQ(builder.split("val"), 0U);
    const AnnotationTable table = builder.finish();
    EXPECT_EQ(table.pictures.size(), 2U);
    EXPECT_THAT(table.splits, testing::ElementsAre("val", "train"));
    EXPECT_FALSE(table.has_masks);
}

TEST(TableBuilder, BoundsTheNumberOfSplits) {
    TableBuilder builder("set");
    for (int i = 0; i < 1000; ++i) (void)builder.split(std::to_string(i));
    EXPECT_THROW((void)builder.split("one more"), Error);
}

TEST(FlawOf, NamesTheFirstThingWrong) {
    TableBuilder builder("set");
    const auto picture = builder.picture(5, "a.jpg", 4, 3);
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    for (const BoxXyxy& box : {BoxXyxy{nan, 0, 1, 1}, BoxXyxy{0, 0, 0, 1}, BoxXyxy{2, 0, 1, 1}, BoxXyxy{0, 0, 1, 1}}) {
        (void)builder.target(target_in(picture, box));
    }
    TableTarget masked = target_in(picture, {0, 0, 1, 1});
    masked.mask_file = VGLAW_SOURCE_DIR "/README.md";  // there
    (void)builder.target(std::move(masked));
    TableTarget lost = target_in(picture, {0, 0, 1, 1}), large = lost;
    lost.mask_file = VGLAW_SOURCE_DIR "/no-such-mask.png";
    large.segmentation.runs = {{3, 5, {15}}};
    (void)builder.target(std::move(lost));
    (void)builder.target(std::move(large));
    (void)builder.target(target_in(picture, {4, 0, 5, 1}));
    (void)builder.target(target_in(picture, {0, -2, 1, 0}));
    AnnotationTable table = builder.finish();
    EXPECT_TRUE(table.has_masks);
    EXPECT_THAT(flaw_of(table, 5)->reason, HasSubstr("needs the mask"));
    EXPECT_THAT(flaw_of(table, 6)->reason, HasSubstr("has a mask of 5x3 on a picture of 4x3"));
    for (const std::size_t i : {7, 8}) EXPECT_THAT(flaw_of(table, i)->reason, HasSubstr("outside its picture of 4x3"));
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(flaw_of(table, i)->flaw, Flaw::bad_box);
    EXPECT_EQ(flaw_of(table, 3)->flaw, Flaw::no_mask);
    EXPECT_EQ(flaw_of(table, 4), std::nullopt);  // nobody looked for the picture yet
    table.pictures_looked_for = true;
    EXPECT_EQ(flaw_of(table, 4)->flaw, Flaw::no_picture);
    EXPECT_THAT(flaw_of(table, 4)->reason, HasSubstr("reference 7 needs picture a.jpg (id 5)"));
    table.pictures[0].path = "somewhere/a.jpg";
    EXPECT_EQ(flaw_of(table, 4), std::nullopt);
}

}  // namespace
}  // namespace vglaw
