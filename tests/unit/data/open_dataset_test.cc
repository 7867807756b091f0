#include "vglaw/data/open_dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/data/refer_folder.h"
#include "tests/unit/data/refusal.h"

namespace vglaw {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(OpenDataset, KnowsEveryLayoutItNames) {
    const TemporaryFolder folder;
    for (const std::string_view layout : kDataLayouts) {
        const DatasetSpec spec{.layout = std::string(layout), .data_root = folder.path()};
        // An empty folder: the layout is known, its files are missing.
        (void)refusal_of([&] { (void)open_dataset(spec); }, ErrorCode::not_found);
    }
    EXPECT_THAT(refusal_of([&] { (void)open_dataset({.layout = "voc"}); }, ErrorCode::invalid_argument),
                AllOf(HasSubstr("'voc'"), HasSubstr("refer"), HasSubstr("jsonl")));
}

TEST(OpenDataset, ReadsAllSplitsAtOnce) {
    const TemporaryFolder folder;
    write_refer_folder(folder);
    const AnnotationTable table = read_annotations({.data_root = folder.path(), .split = ""});
    EXPECT_EQ(table.targets.size(), 5U);
    EXPECT_THAT(table.splits, testing::ElementsAre("train", "testA", "testAB", "val"));
    EXPECT_EQ(table.name, "refcoco(unc)");
    EXPECT_EQ(table.targets[4].annotation_id, 105);
    EXPECT_EQ(table.targets[4].category_id, 1);
    EXPECT_FALSE(table.generated);
}

TEST(AnnotatedDataset, CountsWhatItLeavesOut) {
    const TemporaryFolder folder;
    write_refer_folder(folder);
    std::filesystem::remove(folder.path() / "images/mscoco/images/train2014/COCO_train2014_000000000002.jpg");
    const auto data = open_dataset({.data_root = folder.path(), .split = "", .skip_missing = true});
    EXPECT_EQ(data->size(), 3U);
    EXPECT_EQ(data->skipped(), 3U);
    EXPECT_EQ(data->references(), 2U);
    EXPECT_EQ(data->images(), 1U);
    EXPECT_EQ(data->expression(2), "its here");
    EXPECT_EQ(data->get(2).ref_id, 3);  // the targets that stay keep their expressions
    EXPECT_THAT(data->note(), AllOf(HasSubstr("left out 3 expressions"), HasSubstr("000000000002.jpg")));
}

}  // namespace
}  // namespace vglaw
