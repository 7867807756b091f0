#include "vglaw/data/referit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/data/refer_folder.h"
#include "tests/unit/data/refusal.h"

namespace vglaw {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kQueries = R"({"25_1":["sky","the sky"],"30_2":["man\u2122"],"19579_1":["left out"]})";
constexpr const char* kBoxes = R"({"25_1":[0,0,15,3],"30_2":[2,3,2,5],"19579_1":[0,0,1,1]})";

void write_set(const TemporaryFolder& folder, const std::string& where = "splits/referit") {
    folder.write(where + "/referit_query_val.json", kQueries);
    folder.write(where + "/referit_bbox.json", kBoxes);
    folder.write(where + "/referit_imsize.json", R"({"25.jpg":[16,12],"30.jpg":[16,12]})");
    folder.write("images/25.jpg", as_text(encode_png(test_picture(1))));
    folder.write("images/30.jpg", as_text(encode_png(test_picture(2))));
}

DatasetSpec spec_of(const TemporaryFolder& folder, std::string split = "val") {
    return {.layout = "referit", .data_root = folder.path(), .split = std::move(split)};
}

TEST(ReadReferit, ReadsInclusiveBoxesAndLeavesOutWhatThePapersDo) {
    const TemporaryFolder folder;
    write_set(folder);
    const auto data = open_dataset(spec_of(folder));
    ASSERT_EQ(data->size(), 3U);
    EXPECT_EQ(data->references(), 2U);
    EXPECT_EQ(data->name(), "referit val");
    const Example sky = data->get(1);
    EXPECT_EQ(sky.expression, "the sky");
    EXPECT_EQ(sky.box_px, (BoxXyxy{0, 0, 16, 4}));
    EXPECT_EQ(sky.image_id, 25);
    EXPECT_EQ(sky.ref_id, 25001);
    EXPECT_EQ(sky.image, test_picture(1));
    EXPECT_EQ(data->get(2).box_px, (BoxXyxy{2, 3, 3, 6}));  // one pixel wide
    EXPECT_EQ(data->get(2).expression, "man\xE2\x84\xA2");
    EXPECT_FALSE(data->has_masks());
    EXPECT_THAT(data->note(), HasSubstr("MATLAB"));
}

TEST(ReadReferit, KnowsWhereTheSplitsLie) {
    for (const char* where :
         {".", "splits/referit", "referit/splits/referit", "ln_data/referit/splits/referit", "data"}) {
        const TemporaryFolder folder;
        write_set(folder, where);
        EXPECT_THAT(read_annotations(spec_of(folder, "")).splits, ElementsAre("val")) << where;
    }
    const TemporaryFolder folder;
    EXPECT_THAT(refusal_of([&] { (void)read_annotations(spec_of(folder)); }, ErrorCode::not_found),
                HasSubstr("referit_bbox.json"));
    write_set(folder);
    EXPECT_THAT(refusal_of([&] { (void)read_annotations(spec_of(folder, "testA")); }, ErrorCode::not_found),
                HasSubstr("referit_query_testA.json"));
}

TEST(ReadReferit, CountsObjectsWithoutABox) {
    const TemporaryFolder folder;
    write_set(folder);
    folder.write("splits/referit/referit_bbox.json", R"({"25_1":[0,0,15,3]})");
    EXPECT_THAT(refusal_of([&] { (void)open_dataset(spec_of(folder)); }, ErrorCode::not_found),
                AllOf(HasSubstr("1 of 2"), HasSubstr("30_2")));
}

TEST(ReadReferit, RefusesWhatItCannotMean) {
    const TemporaryFolder folder;
    write_set(folder);
    const auto spec = spec_of(folder);
    for (const char* text : {"", "[]", R"({"25":["a"]})", R"({"a_b":["a"]})", R"({"25_1":"a"})", R"({"25_1":[3]})",
                             R"({"25_1000":["a"]})", R"({"-25_1":["a"]})", R"({"99999999999999999999_1":["a"]})"}) {
        folder.write("splits/referit/referit_query_val.json", text);
        (void)corruption_of(spec, "referit_query_val.json");
    }
    folder.write("splits/referit/referit_query_val.json", kQueries);
    for (const char* text :
         {"", "{}x", R"({"25_1":[1,2,3]})", R"({"25_1":[1,2,3,"4"]})", R"({"25_1":[1,2,3,4],"25_1":[1,2,3,4]})"}) {
        folder.write("splits/referit/referit_bbox.json", text);
        (void)corruption_of(spec, "referit_bbox.json");
    }
    folder.write("splits/referit/referit_bbox.json", kBoxes);
    for (const char* text : {"[", R"({"25.jpg":[16]})", R"({"25.jpg":[16,-12]})", R"({"25.jpg":[16,12,3]})"}) {
        folder.write("splits/referit/referit_imsize.json", text);
        (void)corruption_of(spec, "referit_imsize.json");
    }
}

TEST(ReadReferit, RefusesTruncatedFilesWhereverTheyEnd) {
    const TemporaryFolder folder;
    write_set(folder);
    const std::string queries = kQueries, boxes = kBoxes;
    for (std::size_t length = 0; length < queries.size(); ++length) {
        folder.write("splits/referit/referit_query_val.json", queries.substr(0, length));
        (void)corruption_of(spec_of(folder), "referit_query_val.json");
    }
    for (std::size_t length = 0; length < boxes.size(); ++length) {
        folder.write("splits/referit/referit_bbox.json", boxes.substr(0, length));
        (void)corruption_of(spec_of(folder), "referit_bbox.json");
    }
}

}  // namespace
}  // namespace vglaw
