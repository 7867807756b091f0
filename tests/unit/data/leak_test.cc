#include "vglaw/data/leak.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/data/refer_folder.h"
#include "tests/unit/data/refusal.h"
#include "vglaw/data/open_dataset.h"

namespace vglaw {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(CocoNumber, KnowsTheNamesOfBothYears) {
    EXPECT_EQ(coco_number("COCO_train2014_000000000042.jpg"), 42);
    EXPECT_EQ(coco_number("COCO_val2014_000000581857.jpg"), 581857);
    EXPECT_EQ(coco_number("000000000042.jpg"), 42);
    EXPECT_EQ(coco_number("train2017/000000000042.jpg"), 42);
    for (const char* name : {"42.jpg", "", "COCO_train2014_00000000004x.jpg", "x000000000042.jpg", "scene.png",
                             "COCO_train2014_-00000000042.jpg"}) {
        EXPECT_EQ(coco_number(name), -1) << name;
    }
}

TEST(HeldOutPictures, AreThoseOfEverySplitButTrain) {
    const TemporaryFolder folder;
    write_refer_folder(folder);
    // testA speaks of both pictures; of the second alone speak val and testAB.
    EXPECT_THAT(held_out_pictures(read_annotations({.data_root = folder.path(), .split = ""})), ElementsAre(1, 2));
    EXPECT_THAT(held_out_pictures(read_annotations({.data_root = folder.path(), .split = "val"})), ElementsAre(2));
    EXPECT_TRUE(held_out_pictures(read_annotations({.data_root = folder.path(), .split = "train"})).empty());
}

TEST(HeldOutPictures, RefuseSetsThatAreNotOnCoco) {
    TableBuilder builder("refclef(berkeley)");
    TableTarget target;
    target.picture = builder.picture(25, "00/images/25.jpg", 4, 4);
    target.split = builder.split("val");
    (void)builder.target(target);
    const AnnotationTable table = builder.finish();
    EXPECT_THAT(refusal_of([&] { (void)held_out_pictures(table); }, ErrorCode::unsupported),
                HasSubstr("00/images/25.jpg"));
}

TEST(FindLeak, CountsPicturesOfEitherYearsNames) {
    const TemporaryFolder folder;
    const auto leak_of = [&](const std::string& text) {
        folder.write("instances.json", text);
        return find_leak({7, 9, 11}, folder.path() / "instances.json");
    };
    const Leak leak = leak_of(R"({"annotations":[{"id":[[[1]]]}],"images":[{"id":7,"file_name":"000000000007.jpg"},
        {"file_name":"COCO_train2014_000000000009.jpg","id":3},{"id":11},{"id":12,"file_name":"a.jpg"}],"info":{}})");
    EXPECT_EQ(leak.pictures, 4U);
    EXPECT_THAT(leak.leaking, ElementsAre(7, 9, 11));
    EXPECT_TRUE(leak_of(R"({"images":[]})").leaking.empty());
}

TEST(FindLeak, RefusesOtherFiles) {
    const TemporaryFolder folder;
    const std::filesystem::path path = folder.path() / "instances.json";
    for (const char* text : {"", "[]", "{}", R"({"images":3})", R"({"images":[{}]})", R"({"images":[{"id":"7"}]})",
                             R"({"images":[],"images":[]})", R"({"images":[{"id":7}])"}) {
        folder.write("instances.json", text);
        EXPECT_THAT(refusal_of([&] { (void)find_leak({7}, path); }, ErrorCode::corrupt_data),
                    HasSubstr("instances.json"))
            << text;
    }
    EXPECT_THAT(refusal_of([&] { (void)find_leak({7}, folder.path() / "no.json"); }, ErrorCode::not_found),
                HasSubstr("does not exist"));
}

}  // namespace
}  // namespace vglaw
