#include "vglaw/data/vglaw_jsonl.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/data/refer_folder.h"
#include "tests/unit/data/refusal.h"

namespace vglaw {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kFile = "vglaw.jsonl";

std::string line(const std::string& more, const std::string& box = "[2,3,4,5]") {
    return R"({"image":"a.png","expression":"the box","box":)" + box + R"(,"split":"val")" + more + "}\n";
}

DatasetSpec spec_of(const TemporaryFolder& folder, std::string split = "val") {
    return {.layout = "jsonl", .data_root = folder.path(), .split = std::move(split)};
}

TEST(ReadVglawJsonl, ReadsEveryKindOfMask) {
    const TemporaryFolder folder;
    folder.write("a.png", as_text(encode_png(test_picture(1))));
    folder.write("masks/m.png", as_text(encode_png_gray(block_mask(1, 2, 3, 4))));
    folder.write(kFile, line(R"(,"mask":[[2,3,6,3,6,7,2,7]])") + "\n" +
                            line(R"(,"mask":)" + run_length_json(block_mask(2, 3, 6, 8), true)) + " \t\r\n" +
                            line(R"(,"mask":"masks/m.png")"));
    const auto data = open_dataset(spec_of(folder));
    ASSERT_EQ(data->size(), 3U);
    EXPECT_TRUE(data->has_masks());
    EXPECT_EQ(data->name(), data->table().name);
    EXPECT_EQ(data->get(0).mask, block_mask(2, 3, 6, 7));
    EXPECT_EQ(data->get(1).mask, block_mask(2, 3, 6, 8));
    EXPECT_EQ(data->get(2).mask, block_mask(1, 2, 3, 4));
    EXPECT_EQ(data->get(2).image, test_picture(1));
    EXPECT_EQ(data->get(2).box_px, (BoxXyxy{2, 3, 6, 8}));
    EXPECT_EQ(data->references(), 3U);
    EXPECT_EQ(data->get(2).ref_id, 5);  // the number of its line
    EXPECT_EQ(data->get(2).image_id, 1);
}

TEST(ReadVglawJsonl, TakesAFileThatAnEditorMarked) {
    const TemporaryFolder folder;
    folder.write("a.png", as_text(encode_png(test_picture(1))));
    folder.write(kFile, "\xEF\xBB\xBF" + line("") + line(""));
    EXPECT_EQ(open_dataset(spec_of(folder))->size(), 2U);
}

TEST(ReadVglawJsonl, JoinsLinesOfOneReference) {
    const TemporaryFolder folder;
    folder.write("a.png", as_text(encode_png(test_picture(1))));
    folder.write(kFile, line(R"(,"ref_id":7,"image_id":40)") + line(R"(,"ref_id":7,"image_id":40,"sentence_id":9)"));
    const auto data = open_dataset(spec_of(folder));
    EXPECT_EQ(data->size(), 2U);
    EXPECT_EQ(data->references(), 1U);
    EXPECT_FALSE(data->has_masks());
    EXPECT_THAT(data->note(), HasSubstr("no masks"));
    EXPECT_EQ(data->get(1).sentence_id, 9);
    EXPECT_EQ(data->get(1).image_id, 40);
    folder.write(kFile, line(R"(,"ref_id":7)") + line(R"(,"ref_id":7)", "[2,3,4,6]"));
    EXPECT_THAT(corruption_of(spec_of(folder), kFile), AllOf(HasSubstr("line 2"), HasSubstr("reference 7")));
}

TEST(ReadVglawJsonl, NamesTheSplitsThereAre) {
    const TemporaryFolder folder;
    folder.write(kFile, line(""));
    EXPECT_THAT(refusal_of([&] { (void)read_annotations(spec_of(folder, "test")); }, ErrorCode::not_found),
                AllOf(HasSubstr("no split test"), HasSubstr("val")));
    EXPECT_THAT(read_annotations(spec_of(folder, "")).splits, ElementsAre("val"));
}

TEST(ReadVglawJsonl, NumbersPicturesTheSameWhateverTheSplit) {
    const TemporaryFolder folder;
    std::string other = line("");
    other.replace(other.find("a.png"), 5, "b.png").replace(other.find("val"), 3, "dev");
    folder.write(kFile, line("") + other);
    EXPECT_EQ(read_annotations(spec_of(folder, "dev")).pictures.at(0).id, 2);
}

TEST(ReadVglawJsonl, TakesPicturesFromTheirOwnRoot) {
    const TemporaryFolder folder;
    folder.write("pictures/a.png", as_text(encode_png(test_picture(1))));
    folder.write("lines/vglaw.jsonl", line(""));
    DatasetSpec spec = spec_of(folder);
    spec.data_root = folder.path() / "lines/vglaw.jsonl";
    EXPECT_THAT(refusal_of([&] { (void)open_dataset(spec); }, ErrorCode::not_found), HasSubstr("a.png"));
    spec.image_root = folder.path() / "pictures";
    EXPECT_EQ(open_dataset(spec)->get(0).image, test_picture(1));
}

TEST(ReadVglawJsonl, RefusesWhatIsNotALineOfIt) {
    const TemporaryFolder folder;
    for (const std::string& bad :
         {std::string("[]"), std::string("{}"), std::string("nonsense"), line("} {"), line(R"(,"box":[1,2,3,4])"),
          line(R"(,"mask":[[1,2,3]])"), line(R"(,"mask":3)"), line(R"(,"mask":"../m.png")"),
          line(R"(,"mask":"/etc/passwd")"), line(R"(,"width":-3,"height":4)"),
          line(R"(,"width":1000000,"height":1000000)"), line(R"(,"ref_id":"7")"), line(R"(,"ref_id":1e300)"),
          line("", "[1,2,3]"), line("", "[1,2,3,4,5]"), line("", "\"box\""), line(R"(,"split":"val")")}) {
        folder.write(kFile, line("") + bad);
        EXPECT_THAT(corruption_of(spec_of(folder), kFile), HasSubstr("line 2")) << bad;
    }
    for (const char* name : {"../a.png", "/a.png", "x/../../a.png", "", "a\\u0000.png"}) {
        std::string bad = line("");
        bad.replace(bad.find("a.png"), 5, name);
        folder.write(kFile, bad);
        EXPECT_THAT(corruption_of(spec_of(folder), kFile), HasSubstr("line 1")) << name;
    }
    folder.write(kFile, line(R"(,"image_id":5)") + line(R"(,"image_id":5)").replace(10, 5, "b.png"));
    EXPECT_THAT(corruption_of(spec_of(folder), kFile), AllOf(HasSubstr("a.png"), HasSubstr("b.png")));
    EXPECT_THAT(refusal_of([&] { (void)read_annotations({.layout = "jsonl", .data_root = folder.path() / "no"}); },
                           ErrorCode::not_found),
                HasSubstr("does not exist"));
}

TEST(ReadVglawJsonl, IsNotLedDeep) {
    const TemporaryFolder folder;
    folder.write(kFile, line(",\"mask\":" + std::string(100000, '[') + std::string(100000, ']')));
    (void)corruption_of(spec_of(folder), kFile);
    // What nobody reads is skipped without following it down.
    folder.write(kFile, line(",\"more\":" + std::string(100000, '[') + std::string(100000, ']')));
    EXPECT_EQ(read_annotations(spec_of(folder)).targets.size(), 1U);
}

TEST(ReadVglawJsonl, RefusesATruncatedLineWhereverItEnds) {
    const TemporaryFolder folder;
    std::string whole = line(R"(,"mask":)" + run_length_json(block_mask(2, 3, 6, 8), true));
    whole.pop_back();  // the newline may be missing
    for (std::size_t length = 1; length < whole.size(); ++length) {
        folder.write(kFile, whole.substr(0, length));
        (void)corruption_of(spec_of(folder), kFile);
    }
    folder.write(kFile, whole);
    EXPECT_EQ(read_annotations(spec_of(folder)).targets.size(), 1U);
}

TEST(ReadVglawJsonl, ABoxThatIsNotANumberIsCountedNotBelieved) {
    const TemporaryFolder folder;
    folder.write("a.png", as_text(encode_png(test_picture(1))));
    for (const char* box : {"[NaN,3,4,5]", "[2,3,Infinity,5]", "[2,3,-4,5]", "[2,3,4,0]", "[2,3,1e300,4]"}) {
        folder.write(kFile, line("") + line("", box));
        EXPECT_THAT(refusal_of([&] { (void)open_dataset(spec_of(folder)); }, ErrorCode::not_found),
                    AllOf(HasSubstr("1 of 2 references"), HasSubstr("reference 2"), HasSubstr("no area")))
            << box;
        DatasetSpec skipping = spec_of(folder);
        skipping.skip_missing = true;
        EXPECT_EQ(open_dataset(skipping)->skipped(), 1U);
    }
}

}  // namespace
}  // namespace vglaw
