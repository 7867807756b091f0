#include "vglaw/data/dataset_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/data/refer_folder.h"
#include "tests/unit/data/refusal.h"
#include "vglaw/data/open_dataset.h"

namespace vglaw {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

CheckReport check(const AnnotationTable& table, const DatasetSpec& spec = {.dataset = "mine"}) {
    return check_dataset(table, spec, {});
}

auto found(const std::string& what, std::size_t count = 1) {
    return Contains(testing::AllOf(Field(&Finding::what, what), Field(&Finding::count, count)));
}

// A picture of 16x12 with one object in each of two splits, nothing wrong with it.
struct Small {
    TableBuilder builder{"small"};
    std::uint32_t first = builder.picture(1, "a.jpg", kPictureWidth, kPictureHeight),
                  second = builder.picture(2, "b.jpg", kPictureWidth, kPictureHeight);

    std::uint32_t add(std::uint32_t picture, const char* split, std::int64_t ref_id, const char* text,
                      BoxXyxy box = {2, 3, 6, 7}, const Mask& mask = block_mask(2, 3, 6, 7)) {
        TableTarget target;
        target.picture = picture;
        target.split = builder.split(split);
        target.ref_id = ref_id;
        target.box_px = box;
        if (!mask.empty()) target.segmentation.runs.push_back(encode(mask));
        const auto position = builder.target(std::move(target));
        builder.expression(position, ref_id, text);
        return position;
    }
};

TEST(CheckDataset, HasNothingToSayOfASoundSet) {
    Small set;
    set.add(set.first, "train", 1, "left");
    set.add(set.second, "val", 2, "left");
    const CheckReport report = check(set.builder.finish());
    EXPECT_THAT(report.findings, IsEmpty());
    EXPECT_FALSE(report.wrong());
    ASSERT_EQ(report.splits.size(), 2U);
    EXPECT_EQ(report.splits[0].found, (SplitCounts{1, 1, 1}));
    EXPECT_EQ(report.splits[0].published, std::nullopt);
}

TEST(CheckDataset, FindsBoxesThatCannotBe) {
    Small set;
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    set.add(set.first, "train", 1, "a", {nan, 3, 6, 7});
    set.add(set.first, "train", 2, "b", {2, 3, 2, 7});
    set.add(set.first, "train", 3, "c", {2, 3, 17.5F, 7}, block_mask(2, 3, 16, 7));  // 1.5 px beyond the edge
    set.add(set.first, "train", 4, "d", {2, 3, 16.5F, 7}, block_mask(2, 3, 16, 7));  // within rounding
    const CheckReport report = check(set.builder.finish());
    EXPECT_TRUE(report.wrong());
    EXPECT_THAT(report.findings, found("box without area or not a number", 2));
    EXPECT_THAT(report.findings, found("box outside its picture"));
    EXPECT_EQ(report.findings.size(), 2U);
}

TEST(CheckDataset, FindsMasksThatCannotBe) {
    Small set;
    set.add(set.first, "train", 1, "a", {2, 3, 6, 7}, Mask());                      // none
    set.add(set.first, "train", 2, "b", {2, 3, 6, 7}, block_mask(0, 0, 0, 0));      // without ones
    set.add(set.first, "train", 3, "c", {2, 3, 6, 7}, block_mask(9, 3, 13, 7));     // elsewhere
    set.add(set.first, "train", 4, "d", {2, 3, 6, 7}, Mask(kPictureHeight, 4));     // of another size
    set.add(set.first, "train", 5, "e", {4, 0, 5, 12}, block_mask(4, 0, 5, 12));    // one whole column
    set.add(set.first, "train", 6, "f", {4, 2, 5, 9}, block_mask(4, 2, 5, 9));      // part of a column
    set.add(set.first, "train", 7, "g", {0, 0, 16, 12}, block_mask(0, 0, 16, 12));  // everything
    const CheckReport report = check(set.builder.finish());
    EXPECT_THAT(report.findings, found("no mask"));
    EXPECT_THAT(report.findings, found("empty mask"));
    EXPECT_THAT(report.findings, found("mask and box disagree"));
    EXPECT_THAT(report.findings, found("unusable mask"));
    EXPECT_EQ(report.findings.size(), 4U);
}

TEST(CheckDataset, FindsWhatSplitsShare) {
    Small set;
    set.add(set.first, "train", 1, "left");
    set.add(set.first, "val", 2, "left");
    set.add(set.first, "val", 3, "right", {8, 3, 12, 7}, block_mask(8, 3, 12, 7));
    const AnnotationTable table = set.builder.finish();
    const CheckReport report = check(table);
    EXPECT_THAT(report.findings, found("same words for the same object in two splits"));
    EXPECT_THAT(report.findings, found("picture of train in another split"));
    // Google's splits divide objects: shared pictures are worth knowing, not wrong.
    const CheckReport google = check(table, {.dataset = "refcocog", .split_by = "google"});
    EXPECT_THAT(google.findings, Contains(testing::AllOf(Field(&Finding::what, HasSubstr("divides objects")),
                                                         Field(&Finding::wrong, false))));
}

TEST(CheckDataset, FindsIdsUsedTwiceAndEmptyExpressions) {
    Small set;
    set.add(set.first, "train", 1, " ");
    set.add(set.second, "train", 1, "left");
    const CheckReport report = check(set.builder.finish());
    EXPECT_THAT(report.findings, found("ref_id used twice"));
    EXPECT_THAT(report.findings, found("expression without words"));
}

TEST(CheckDataset, ComparesWithPublishedCounts) {
    const TemporaryFolder folder;
    write_refer_folder(folder);
    const DatasetSpec spec{.data_root = folder.path(), .split = ""};
    const AnnotationTable table = read_annotations(spec);
    const CheckReport report = check_dataset(table, spec, {});
    ASSERT_EQ(report.splits.size(), 4U);
    EXPECT_EQ(report.splits[2].split, "testA");
    EXPECT_EQ(report.splits[2].found, (SplitCounts{2, 2, 2}));  // testAB too, by REFER's rule
    EXPECT_EQ(report.splits[2].published, (SplitCounts{1975, 5657, 750}));
    EXPECT_THAT(report.findings, found("count other than published", 12));
    const CheckReport own = check_dataset(table, spec, {.expect_published = false});
    EXPECT_THAT(own.findings, testing::Not(Contains(Field(&Finding::what, "count other than published"))));
    std::vector<std::string> labels;
    for (const CheckedSplit& split : own.splits) labels.push_back(split.split);
    EXPECT_THAT(labels, ElementsAre("train", "testA", "testAB", "val"));
}

TEST(CheckDataset, FindsWhatDoesNotJoinAndPicturesThatAreNotThere) {
    const TemporaryFolder folder;
    write_refer_folder(folder);
    auto annotations = golden_annotations();
    annotations.erase(annotations.begin() + 1);  // 101
    folder.write("refcoco/instances.json", instances_json(annotations));
    const std::string picture = "images/mscoco/images/train2014/COCO_train2014_000000000002.jpg";
    std::filesystem::remove(folder.path() / picture);
    const DatasetSpec spec{.data_root = folder.path(), .split = ""};
    const CheckReport report = check_dataset(read_annotations(spec), spec, {.expect_published = false});
    EXPECT_THAT(report.findings, found("annotation not in the files"));
    EXPECT_THAT(report.findings, found("picture not found", 3));
}

TEST(CheckDataset, ReadsPicturesWhenAsked) {
    const TemporaryFolder folder;
    write_refer_folder(folder);
    const std::string where = "images/mscoco/images/train2014/COCO_train2014_00000000000";
    folder.write(where + "1.jpg", "damaged");
    folder.write(where + "2.jpg", as_text(encode_jpeg(Image(30, 20))));
    const DatasetSpec spec{.data_root = folder.path(), .split = ""};
    const AnnotationTable table = read_annotations(spec);
    EXPECT_THAT(check_dataset(table, spec, {.expect_published = false}).findings,
                testing::Not(Contains(Field(&Finding::what, "damaged picture"))));
    std::size_t told = 0;
    const CheckReport report = check_dataset(
        table, spec,
        {.expect_published = false, .read_pictures = true, .progress = [&](auto done, auto) { told = done; }});
    EXPECT_THAT(report.findings, found("damaged picture"));
    EXPECT_THAT(report.findings, found("picture of another size"));
    EXPECT_EQ(told, 2U);
}

}  // namespace
}  // namespace vglaw
