#include "vglaw/data/open_dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

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

// tests/golden/data/layout_masks.json: what pycocotools makes of the same annotations.
TEST(OpenDataset, PaintsMasksAsPycocotoolsDoes) {
    const std::filesystem::path golden = std::filesystem::path(VGLAW_SOURCE_DIR) / "tests/golden/data";
    std::ifstream file(golden / "layout_masks.json");
    const auto expected = nlohmann::json::parse(file);
    for (const std::string layout : {"seqtr", "jsonl"}) {
        const AnnotationTable table =
            read_annotations({.layout = layout,
                              .data_root = golden / (layout == "seqtr" ? "seqtr.json" : "vglaw.jsonl"),
                              .image_root = golden,
                              .split = "val"});
        ASSERT_EQ(table.targets.size(), expected.size()) << layout;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            const TableTarget& target = table.targets[i];
            const Mask mask = paint_mask(target, 60, 80);
            EXPECT_EQ(area(mask), expected[i]["area"].get<std::size_t>()) << layout << " " << i;
            EXPECT_EQ(to_coco_string(encode(mask)), expected[i]["counts"].get<std::string>()) << layout << " " << i;
            EXPECT_EQ(bounding_box(mask), target.box_px) << layout << " " << i;
        }
        EXPECT_EQ(table.pictures.at(0).width, 80);
        EXPECT_EQ(table.expressions[3].text, "object 3");
    }
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
