#include "vglaw/data/instances.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/data/refer_folder.h"
#include "vglaw/core/error.h"

namespace vglaw {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Instances read(const std::string& text) {
    const TemporaryFolder folder;
    folder.write("instances.json", text);
    return read_instances(folder.path() / "instances.json", {101, 105}, {1});
}

std::string refusal(const std::string& text) {
    try {
        (void)read(text);
    } catch (const Error& error) {
        EXPECT_EQ(int(error.code()), int(ErrorCode::corrupt_data)) << error.what();
        EXPECT_THAT(error.what(), HasSubstr("instances.json"));
        return error.what();
    }
    ADD_FAILURE() << "nothing was refused: " << text;
    return {};
}

std::string with_segmentation(const std::string& segmentation) {
    return instances_json({annotation_json(101, 1, "[1,1,2,2]", segmentation)});
}

TEST(ReadInstances, KeepsOnlyWhatIsAskedFor) {
    const Instances instances = read(instances_json(golden_annotations()));
    EXPECT_EQ(instances.annotations.size(), 2U);
    EXPECT_EQ(instances.images.size(), 1U);
    EXPECT_EQ(instances.images.at(1).file_name, "COCO_train2014_000000000001.jpg");
    EXPECT_EQ(instances.images.at(1).width, kPictureWidth);
    EXPECT_EQ(instances.annotations.at(101).segmentation.polygons.size(), 2U);
    EXPECT_EQ(instances.annotations.at(105).segmentation.polygons.size(), 1U);  // two points enclose nothing
    EXPECT_EQ(instances.annotations.at(101).box_px, (BoxXyxy{2, 3, 9.5F, 7}));
}

TEST(ReadInstances, TakesKeysInAnyOrderAndOptionalOnesMissing) {
    const Instances instances = read(
        R"({"annotations":[{"id":101,"bbox":[1,2,3,4],"image_id":1,"more":{"a":[1,{"b":2}]}}],"images":[{"id":1}]})");
    EXPECT_TRUE(instances.annotations.at(101).segmentation.empty());
    EXPECT_EQ(instances.images.at(1).file_name, "");
    EXPECT_EQ(instances.images.at(1).width, 0);
}

TEST(ReadInstances, NamesTheAnnotationThatIsWrong) {
    for (const char* segmentation : {
             "17",
             "[[1,2,3]]",
             "[[1,2,3,4,5,6,7]]",
             "[[1,2,3,4,5,\"6\"]]",
             "[true]",
             "{}",
             R"({"size":[12,16]})",
             R"({"size":[12],"counts":[192]})",
             R"({"size":[12,16.5],"counts":[192]})",
             R"({"size":[-12,16],"counts":[192]})",
             R"({"size":[99999,99999],"counts":[1]})",
             R"({"size":[12,16],"counts":[191]})",
             R"({"size":[12,16],"counts":[193]})",
             R"({"size":[12,16],"counts":[18446744073709551615,193]})",
             R"({"size":[12,16],"counts":[-1,193]})",
             R"({"size":[12,16],"counts":"~~~"})",
             R"({"size":[12,16],"counts":"0"})",
             R"({"size":[12,16],"counts":12})",
         }) {
        EXPECT_THAT(refusal(with_segmentation(segmentation)), HasSubstr("annotation 101")) << segmentation;
    }
    for (const char* box : {"[1,2,3]", "[1,2,3,4,5]", "[1,2,3,null]", "3"}) {
        EXPECT_THAT(refusal(instances_json({annotation_json(101, 1, box, "[]")})), HasSubstr("annotation 101")) << box;
    }
}

TEST(ReadInstances, StopsAtWhatBreaksTheJsonEvenBehindAnOptionalKey) {
    // The absent key is looked for beyond the broken value; simdjson must not be asked again after that.
    for (const char* broken : {"\x01[]", "x[1]", "[1,}", "{\"a\" 1}"}) {
        const std::string annotation =
            std::string(R"({"id":101,"image_id":1,"bbox":[1,1,2,2],"segmentation":)") + broken;
        EXPECT_THAT(refusal(instances_json({annotation + "}"})), HasSubstr("annotation 101")) << broken;
    }
}

TEST(ReadInstances, TakesNullAsAbsentAndRefusesOtherTypes) {
    const Instances instances = read(
        R"({"images":[{"id":1,"file_name":null,"width":null,"height":4}],"annotations":[{"id":101,"image_id":1,
            "bbox":[1,2,3,4],"category_id":null,"segmentation":null}]})");
    EXPECT_EQ(instances.images.at(1).width, 0);
    EXPECT_EQ(instances.annotations.at(101).category_id, 0);
    (void)refusal(R"({"images":[{"id":1,"file_name":7}],"annotations":[]})");
    (void)refusal(R"({"images":[{"id":1,"width":"3","height":4}],"annotations":[]})");
    (void)refusal(R"({"images":[{"id":1,"width":3,"height":-4}],"annotations":[]})");
    (void)refusal(R"({"images":[],"annotations":[{"id":101,"image_id":1,"bbox":[1,2,3,4],"category_id":"dog"}]})");
}

TEST(ReadInstances, RefusesNamesThatLeadOutOfTheFolder) {
    for (const char* name : {"/etc/passwd", "../a.jpg", "a/../../b.jpg", "a\\u0000.jpg"}) {
        EXPECT_THAT(refusal(std::string(R"({"images":[{"id":1,"file_name":")") + name + R"("}],"annotations":[]})"),
                    HasSubstr("image 1"));
    }
}

TEST(ReadInstances, RefusesOtherJson) {
    EXPECT_THAT(refusal("{}"), HasSubstr("no list 'images'"));
    EXPECT_THAT(refusal(R"({"images":[]})"), HasSubstr("no list 'annotations'"));
    for (const char* text :
         {"", "[]", "null", "{\"images\":3,\"annotations\":[]}", "{\"images\":[3],\"annotations\":[]}",
          "{\"images\":[{\"id\":\"1\"}],\"annotations\":[]}", "{\"images\":[{}],\"annotations\":[]}"}) {
        (void)refusal(text);
    }
}

TEST(ReadInstances, RefusesATruncatedFileWhereverItEnds) {
    const std::string whole = instances_json(golden_annotations());
    // Every length near both ends, a prime stride between: a file a length is slow on some disks.
    for (std::size_t length = 0; length < whole.size(); length += length < 60 || length + 200 > whole.size() ? 1 : 7) {
        (void)refusal(whole.substr(0, length));
    }
}

TEST(ReadInstances, NamesAMissingFile) {
    const TemporaryFolder folder;
    EXPECT_THROW((void)read_instances(folder.path() / "instances.json", {}, {}), Error);
}

}  // namespace
}  // namespace vglaw
