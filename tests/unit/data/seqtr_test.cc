#include "vglaw/data/seqtr.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/data/refer_folder.h"
#include "tests/unit/data/refusal.h"

namespace vglaw {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string record(int image, const std::string& expressions, const std::string& box, const std::string& mask) {
    return R"({"image_id":)" + std::to_string(image) + R"(,"expressions":)" + expressions + R"(,"bbox":)" + box +
           R"(,"mask":)" + mask + R"(,"height":12,"width":16})";
}

std::string whole_file() {
    return R"({"train":[)" + record(1, R"(["red box","left"])", "[2,3,4,4]", "[[2,3,6,3,6,7,2,7]]") + R"(],"val":[)" +
           record(2, R"(["one"])", "[1,1,2,5]", run_length_json(block_mask(1, 1, 3, 6), true)) + "," +
           record(2, R"(["the same"])", "[1,1,2,5]", run_length_json(block_mask(1, 1, 3, 6), true)) + "]}";
}

DatasetSpec spec_of(const TemporaryFolder& folder, std::string split) {
    return {.layout = "seqtr", .data_root = folder.path(), .split = std::move(split)};
}

TEST(ReadSeqtr, ReadsBoxesMasksAndExpressions) {
    const TemporaryFolder folder;
    folder.write("annotations/refcoco-unc/instances.json", whole_file());
    write_pictures(folder, "images/mscoco/train2014");
    const auto train = open_dataset(spec_of(folder, "train"));
    ASSERT_EQ(train->size(), 2U);
    EXPECT_EQ(train->references(), 1U);
    EXPECT_EQ(train->expression(1), "left");
    EXPECT_EQ(train->get(0).box_px, (BoxXyxy{2, 3, 6, 7}));
    EXPECT_EQ(train->get(0).mask, block_mask(2, 3, 6, 7));
    EXPECT_EQ(train->get(0).image, test_picture(1));
    const auto val = open_dataset(spec_of(folder, "val"));
    EXPECT_EQ(val->size(), 2U);
    EXPECT_EQ(val->references(), 1U);  // one object, a record an expression
    EXPECT_EQ(val->get(1).mask, block_mask(1, 1, 3, 6));
    EXPECT_THAT(read_annotations(spec_of(folder, "")).splits, ElementsAre("train", "val"));
}

TEST(ReadSeqtr, FindsTheFolderOfEachDataSet) {
    for (const auto& [dataset, split_by, name] :
         std::vector<std::array<std::string, 3>>{{"refcoco", "unc", "refcoco-unc"},
                                                 {"refcoco+", "unc", "refcocoplus-unc"},
                                                 {"refcocog", "google", "annotations/refcocog-google"},
                                                 {"refclef", "berkeley", "data/annotations/referitgame-berkeley"},
                                                 {"mine", "unc", "mine"}}) {
        const TemporaryFolder folder;
        folder.write(name + "/instances.json", whole_file());
        DatasetSpec spec = spec_of(folder, "val");
        spec.dataset = dataset;
        spec.split_by = split_by;
        EXPECT_EQ(read_annotations(spec).expressions.size(), 2U) << name;
    }
    const TemporaryFolder folder;
    EXPECT_THAT(refusal_of([&] { (void)read_annotations(spec_of(folder, "val")); }, ErrorCode::not_found),
                HasSubstr("refcoco-unc/instances.json"));
}

TEST(ReadSeqtr, NamesTheSplitsThereAre) {
    const TemporaryFolder folder;
    folder.write("instances.json", whole_file());
    EXPECT_THAT(refusal_of([&] { (void)read_annotations(spec_of(folder, "testA")); }, ErrorCode::not_found),
                AllOf(HasSubstr("no split testA"), HasSubstr("train"), HasSubstr("val")));
}

TEST(ReadSeqtr, RefusesWhatItCannotMean) {
    const TemporaryFolder folder;
    const DatasetSpec spec = spec_of(folder, "val");
    const auto with = [&](const std::string& text) { folder.write("instances.json", R"({"val":[)" + text + "]}"); };
    const std::string good = record(1, R"(["a"])", "[1,1,2,2]", "null");
    for (const std::string& bad :
         {std::string("3"), std::string("{}"), record(1, "\"a\"", "[1,1,2,2]", "null"),
          record(1, "[3]", "[1,1,2,2]", "[]"), record(1, "[]", "[1,1,2]", "null"),
          record(1, "[]", "[[1,1,2,2],[1,1,2,2]]", "null"), record(1, "[]", "[1,1,2,2]", "true"),
          record(1, "[]", "[1,1,2,2]", R"({"size":[99999,99999],"counts":"0"})"),
          R"({"image_id":1,"image_id":2,"expressions":[],"bbox":[1,1,2,2]})" + std::string()}) {
        with(good + "," + bad);
        EXPECT_THAT(corruption_of(spec, "instances.json"), HasSubstr("record 2")) << bad;
    }
    with(R"({"image_id":1,"expressions":["a"],"bbox":[1,1,2,2],"data_source":"vg"})");
    EXPECT_THAT(refusal_of([&] { (void)read_annotations(spec); }, ErrorCode::unsupported), HasSubstr("data_source"));
    folder.write("instances.json", R"({"val":[],"val":[]})");
    EXPECT_THAT(corruption_of(spec, "instances.json"), HasSubstr("twice"));
    for (const char* text : {"", "[]", "{\"val\":3}", "{\"val\":[]} 3"}) {
        folder.write("instances.json", text);
        (void)corruption_of(spec, "instances.json");
    }
    with(record(1, "[]", "[1,1,2,2]", std::string(100000, '[') + std::string(100000, ']')));
    (void)corruption_of(spec, "instances.json");
}

TEST(ReadSeqtr, RefusesATruncatedFileWhereverItEnds) {
    const TemporaryFolder folder;
    const std::string whole = whole_file();
    for (std::size_t length = 0; length < whole.size(); ++length) {
        folder.write("instances.json", whole.substr(0, length));
        (void)corruption_of(spec_of(folder, "val"), "instances.json");
    }
}

}  // namespace
}  // namespace vglaw
