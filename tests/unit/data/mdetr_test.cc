#include "vglaw/data/mdetr.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/data/refer_folder.h"
#include "tests/unit/data/refusal.h"

namespace vglaw {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kFile = "finetune_refcoco_val.json";

std::string image(int id, int original, const std::string& caption) {
    return R"({"file_name":"COCO_train2014_00000000000)" + std::to_string(original) +
           R"(.jpg","height":12,"width":16,"id":)" + std::to_string(id) + R"(,"original_id":)" +
           std::to_string(original) + R"(,"caption":")" + caption +
           R"(","dataset_name":"refcoco","tokens_negative":[[0,3]]})";
}

std::string annotation(int image_id, int original, const std::string& box) {
    return R"({"area":8.0,"iscrowd":0,"image_id":)" + std::to_string(image_id) + R"(,"category_id":18,"id":1,"bbox":)" +
           box + R"(,"original_id":)" + std::to_string(original) + R"(,"tokens_positive":[[0,3]]})";
}

std::string file(const std::string& images, const std::string& annotations) {
    return R"({"info":{},"licenses":[],"images":[)" + images + R"(],"annotations":[)" + annotations +
           R"(],"categories":[]})";
}

std::string whole_file() {
    return file(image(50, 1, "red box") + "," + image(51, 1, "left") + "," + image(52, 2, "other"),
                annotation(50, 101, "[2,3,7.5,4]") + "," + annotation(51, 101, "[2,3,7.5,4]") + "," +
                    annotation(52, 105, "[5,5,2,2]"));
}

DatasetSpec spec_of(const TemporaryFolder& folder, std::string split = "val") {
    return {.layout = "mdetr", .data_root = folder.path(), .split = std::move(split)};
}

TEST(ReadMdetr, HasBoxesAndSaysWhyThereAreNoMasks) {
    const TemporaryFolder folder;
    folder.write(std::string("mdetr_annotations/") + kFile, whole_file());
    write_pictures(folder, "train2014");
    const auto data = open_dataset(spec_of(folder));
    ASSERT_EQ(data->size(), 3U);
    EXPECT_EQ(data->references(), 2U);
    EXPECT_EQ(data->images(), 2U);
    EXPECT_FALSE(data->has_masks());
    EXPECT_THAT(data->note(), AllOf(HasSubstr("RES is not measured"), HasSubstr("--instances")));
    const Example example = data->get(1);
    EXPECT_EQ(example.expression, "left");
    EXPECT_EQ(example.image_id, 1);
    EXPECT_EQ(example.ref_id, 101);
    EXPECT_EQ(example.box_px, (BoxXyxy{2, 3, 9.5F, 7}));
    EXPECT_TRUE(example.mask.empty());
}

TEST(ReadMdetr, TakesMasksFromInstances) {
    const TemporaryFolder folder;
    folder.write(kFile, whole_file());
    folder.write("instances.json", instances_json(golden_annotations()));
    write_pictures(folder, "train2014");
    DatasetSpec spec = spec_of(folder);
    spec.instances = folder.path() / "instances.json";
    const auto data = open_dataset(spec);
    EXPECT_TRUE(data->has_masks());
    EXPECT_EQ(data->get(0).mask, block_mask(2, 3, 9, 7));
    EXPECT_EQ(data->get(2).mask, block_mask(5, 5, 7, 7));
    folder.write("instances.json", instances_json({annotation_json(101, 2, "[1,1,2,2]", "[[1,1,3,1,3,3]]")}));
    EXPECT_THAT(refusal_of([&] { (void)read_annotations(spec); }, ErrorCode::corrupt_data),
                HasSubstr("annotation 101"));
    folder.write("instances.json", instances_json({annotation_json(7, 2, "[1,1,2,2]", "[[1,1,3,1,3,3]]")}));
    EXPECT_THAT(refusal_of([&] { (void)read_annotations(spec); }, ErrorCode::not_found), HasSubstr("no mask"));
}

TEST(ReadMdetr, ReadsAllSplitsThereAre) {
    const TemporaryFolder folder;
    EXPECT_THAT(refusal_of([&] { (void)read_annotations(spec_of(folder, "")); }, ErrorCode::not_found),
                HasSubstr("finetune_refcoco_"));
    folder.write(kFile, whole_file());
    folder.write("finetune_refcoco_testA.json", file(image(60, 2, "more"), annotation(60, 102, "[1,1,2,2]")));
    EXPECT_THAT(read_annotations(spec_of(folder, "")).splits, ElementsAre("val", "testA"));
    EXPECT_THAT(refusal_of([&] { (void)read_annotations(spec_of(folder, "train")); }, ErrorCode::not_found),
                HasSubstr("finetune_refcoco_train.json"));
}

TEST(ReadMdetr, RefusesIdsThatDoNotJoin) {
    const TemporaryFolder folder;
    folder.write(kFile, file(image(50, 1, "a"), annotation(51, 101, "[1,1,2,2]")));
    EXPECT_THAT(corruption_of(spec_of(folder), kFile), HasSubstr("image 51"));
    folder.write(kFile, file(image(50, 1, "a") + "," + image(50, 1, "b"), ""));
    EXPECT_THAT(corruption_of(spec_of(folder), kFile), AllOf(HasSubstr("image 50"), HasSubstr("twice")));
    const std::string box = annotation(50, 101, "[1,1,2,2]");
    folder.write(kFile, file(image(50, 1, "a"), box + "," + box));
    EXPECT_THAT(refusal_of([&] { (void)read_annotations(spec_of(folder)); }, ErrorCode::unsupported),
                HasSubstr("several boxes"));
    folder.write(kFile, file(image(50, 1, "a") + "," + image(51, 1, "b"), box));
    EXPECT_THAT(refusal_of([&] { (void)open_dataset(spec_of(folder)); }, ErrorCode::not_found),
                HasSubstr("image 51 of the file) has no annotation"));
}

TEST(ReadMdetr, TakesTheListsInAnyOrder) {
    const TemporaryFolder folder;
    folder.write(
        kFile, R"({"annotations":[)" + annotation(50, 101, "[1,1,2,2]") + R"(],"images":[)" + image(50, 1, "a") + "]}");
    EXPECT_EQ(read_annotations(spec_of(folder)).targets.size(), 1U);
}

TEST(ReadMdetr, RefusesOtherJson) {
    const TemporaryFolder folder;
    for (const std::string& text :
         {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"images":[]})"),
          std::string(R"({"images":[],"images":[],"annotations":[]})"), file("3", ""), file("{}", ""),
          file(R"({"id":1,"original_id":1,"caption":"a","file_name":"../a.jpg"})", ""),
          file(image(50, 1, "a"), annotation(50, 101, "[1,1,2]")), file(image(50, 1, "a"), "{}"),
          file(R"({"id":1,"original_id":1,"caption":"a","file_name":"a.jpg","width":9999999,"height":1})", "")}) {
        folder.write(kFile, text);
        (void)corruption_of(spec_of(folder), kFile);
    }
}

TEST(ReadMdetr, RefusesATruncatedFileWhereverItEnds) {
    const TemporaryFolder folder;
    const std::string whole = whole_file();
    for (std::size_t length = 0; length < whole.size(); length += length < 60 || length + 200 > whole.size() ? 1 : 7) {
        folder.write(kFile, whole.substr(0, length));
        (void)corruption_of(spec_of(folder), kFile);
    }
}

}  // namespace
}  // namespace vglaw
