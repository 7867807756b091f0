#include "vglaw/data/sample.h"

#include <gtest/gtest.h>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

Sample make(std::size_t index, std::size_t length, bool mask) {
    Sample sample;
    sample.image.assign(3 * 4, float(index));
    sample.ids.assign(length, std::int64_t(index) + 1);
    sample.box = {0.1F, 0.2F, 0.3F, float(index)};
    if (mask) sample.mask.assign(4, 1);
    sample.placement = Letterbox{.width = 2, .height = 2, .size = 2, .resized_width = 2, .resized_height = 2};
    sample.index = index;
    return sample;
}

TEST(Collate, PadsIdsToTheLongestAndKeepsRowsApart) {
    const Batch batch = collate(std::vector{make(5, 2, true), make(8, 3, true)});
    EXPECT_EQ(batch.count, 2U);
    EXPECT_EQ(batch.size, 2);
    EXPECT_EQ(batch.length, 3U);
    EXPECT_EQ(batch.ids, (std::vector<std::int64_t>{6, 6, 0, 9, 9, 9}));
    EXPECT_EQ(batch.token_mask, (std::vector<std::uint8_t>{1, 1, 0, 1, 1, 1}));
    EXPECT_EQ(batch.boxes, (std::vector<float>{0.1F, 0.2F, 0.3F, 5, 0.1F, 0.2F, 0.3F, 8}));
    EXPECT_EQ(batch.images[11], 5);
    EXPECT_EQ(batch.images[12], 8);
    EXPECT_TRUE(batch.has_masks);
    EXPECT_EQ(batch.masks, std::vector<std::uint8_t>(8, 1));
    EXPECT_EQ(batch.indices, (std::vector<std::size_t>{5, 8}));
    EXPECT_EQ(batch.placements.size(), 2U);
}

TEST(Collate, DropsTheMaskArrayWhenNobodyHasOne) {
    const Batch batch = collate(std::vector{make(0, 2, false), make(1, 2, false)});
    EXPECT_FALSE(batch.has_masks);
    EXPECT_TRUE(batch.masks.empty());
}

TEST(Collate, RefusesMixedAndMisshapenSamples) {
    EXPECT_THROW((void)collate({}), Error);
    EXPECT_THROW((void)collate(std::vector{make(0, 2, true), make(1, 2, false)}), Error);
    Sample wide = make(0, 2, true);
    wide.image.resize(30);
    EXPECT_THROW((void)collate(std::vector{make(1, 2, true), wide}), Error);
    EXPECT_THROW(BatchBuilder(0, 2), Error);
    BatchBuilder builder(1, 2);
    EXPECT_THROW(builder.put(1, make(0, 2, true)), Error);
}

TEST(Batch, HasSpansWhenASampleHasOne) {
    Sample plain = make(5, 4, true), caption = make(8, 3, true);
    EXPECT_TRUE(collate(std::vector{plain, plain}).span_mask.empty());
    caption.span = {0, 1, 0};
    EXPECT_EQ(collate(std::vector{plain, caption}).span_mask, (std::vector<std::uint8_t>{0, 0, 0, 0, 0, 1, 0, 0}));
    caption.span = {0, 1};
    EXPECT_THROW((void)collate(std::vector{plain, caption}), Error);
}

TEST(Batch, HasACaptionsFurtherPhrasesBehindItsSamples) {
    Sample plain = make(5, 4, true), caption = make(8, 3, true);
    caption.span = {0, 1, 0};
    caption.more = {{{0, 0, 1}, {0.5F, 0.5F, 0.2F, 0.1F}, {0, 1, 0, 0}},
                    {{1, 0, 0}, {0.6F, 0.6F, 0.2F, 0.1F}, {0, 0, 0, 1}}};
    const Batch batch = collate(std::vector{caption, plain, caption});
    EXPECT_EQ(batch.count, 3U);
    EXPECT_EQ(batch.phrases(), 7U);
    EXPECT_EQ(batch.further, (std::vector<std::size_t>{0, 0, 2, 2}));
    EXPECT_EQ(batch.images.size(), 3U * 12);
    EXPECT_EQ(batch.ids.size(), 3U * 4);
    EXPECT_EQ(batch.boxes.size(), 7U * 4);
    EXPECT_EQ(batch.boxes[4 * 4], 0.6F);
    EXPECT_EQ(batch.boxes[5 * 4], 0.5F);
    EXPECT_EQ(batch.masks.size(), 7U * 4);
    EXPECT_EQ(batch.masks[3 * 4 + 1], 1);
    EXPECT_EQ(batch.masks[4 * 4 + 1], 0);
    EXPECT_EQ(batch.span_mask, (std::vector<std::uint8_t>{0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0,  // the samples' own
                                                          0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0}));
    caption.more[1].mask.clear();
    EXPECT_THROW((void)collate(std::vector{plain, caption}), Error);
    caption.more = {{{1, 0}, {}, caption.mask}};
    EXPECT_THROW((void)collate(std::vector{plain, caption}), Error);
}

TEST(Batch, HasLabelsOnlyWhenEverySampleHas) {
    Sample sample;
    sample.placement = Letterbox::centred(8, 8, 8);
    sample.image.resize(3 * 64);
    sample.ids = {2, 3};
    Sample labelled = sample;
    labelled.labels = {1, 2, 0};
    EXPECT_EQ(collate(std::vector{labelled, labelled}).labels, (std::vector<std::int8_t>{1, 2, 0, 1, 2, 0}));
    EXPECT_TRUE(collate(std::vector{labelled, sample}).labels.empty());
    EXPECT_TRUE(collate(std::vector{sample, labelled}).labels.empty());
}

}  // namespace
}  // namespace vglaw
