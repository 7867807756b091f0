#include "vglaw/data/convert_dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/data/refer_folder.h"
#include "tests/unit/data/refusal.h"
#include "vglaw/data/open_dataset.h"

namespace vglaw {
namespace {

using testing::HasSubstr;

// A set in REFER's layout whose pictures are in pictures/, and how to read it.
struct Source {
    TemporaryFolder folder;
    DatasetSpec spec;

    Source() {
        write_refer_folder(folder);
        spec = {
            .data_root = folder.path(), .image_root = folder.path() / "images/mscoco/images/train2014", .split = ""};
    }
    [[nodiscard]] Converted convert(const std::string& layout, const DatasetSpec& from, const std::string& to) const {
        const auto data = open_dataset(from);
        return convert_dataset(data->table(), {.layout = layout, .folder = folder.path() / to});
    }
    [[nodiscard]] DatasetSpec converted(const std::string& layout, const std::string& to) const {
        DatasetSpec out = spec;
        out.layout = layout;
        out.data_root = folder.path() / to;
        return out;
    }
};

void expect_same_examples(const DatasetSpec& a, const DatasetSpec& b, bool same_ids) {
    const auto first = open_dataset(a), second = open_dataset(b);
    ASSERT_EQ(first->size(), second->size());
    EXPECT_EQ(first->has_masks(), second->has_masks());
    for (std::size_t i = 0; i < first->size(); ++i) {
        const Example one = first->get(i), other = second->get(i);
        EXPECT_EQ(one.expression, other.expression) << i;
        EXPECT_EQ(one.box_px, other.box_px) << i;
        EXPECT_EQ(one.mask, other.mask) << i;
        EXPECT_EQ(one.image, other.image) << i;
        EXPECT_EQ(one.image_id, other.image_id) << i;
        if (!same_ids) continue;
        EXPECT_EQ(one.ref_id, other.ref_id) << i;
        EXPECT_EQ(one.sentence_id, other.sentence_id) << i;
    }
}

class ConvertTo : public testing::TestWithParam<const char*> {};

TEST_P(ConvertTo, KeepsEveryExample) {
    const std::string layout = GetParam();
    const Source source;
    const Converted converted = source.convert(layout, source.spec, "out");
    EXPECT_EQ(converted.references, 5U);
    EXPECT_EQ(converted.expressions, 6U);
    EXPECT_EQ(converted.pictures, 2U);
    EXPECT_TRUE(std::filesystem::exists(converted.file));
    expect_same_examples(source.spec, source.converted(layout, "out"), layout != "seqtr");
}

TEST_P(ConvertTo, KeepsEverySplit) {
    const std::string layout = GetParam();
    const Source source;
    (void)source.convert(layout, source.spec, "out");
    for (const char* split : {"train", "val"}) {
        DatasetSpec one = source.spec, other = source.converted(layout, "out");
        one.split = other.split = split;
        expect_same_examples(one, other, layout != "seqtr");
    }
}

TEST_P(ConvertTo, AndBackGivesTheSameExamples) {
    const std::string layout = GetParam();
    const Source source;
    (void)source.convert(layout, source.spec, "there");
    (void)source.convert("refer", source.converted(layout, "there"), "back");
    expect_same_examples(source.spec, source.converted("refer", "back"), layout != "seqtr");
}

TEST_P(ConvertTo, RefusesToWriteOverAFile) {
    const Source source;
    (void)source.convert(GetParam(), source.spec, "out");
    EXPECT_THAT(refusal_of([&] { (void)source.convert(GetParam(), source.spec, "out"); }, ErrorCode::invalid_argument),
                HasSubstr("is there already"));
}

INSTANTIATE_TEST_SUITE_P(EveryLayout, ConvertTo, testing::Values("refer", "seqtr", "jsonl"));

TEST(ConvertDataset, RefusesPicturesThatSeqtrCouldNotFind) {
    const TemporaryFolder folder;
    folder.write("a.png", as_text(encode_png(test_picture(1))));
    folder.write("m.png", as_text(encode_png_gray(block_mask(1, 2, 3, 4))));
    folder.write("vglaw.jsonl",
                 R"({"image":"a.png","expression":"x","box":[1.5,2.25,2,2],"split":"val","mask":"m.png"})");
    const auto data = open_dataset({.layout = "jsonl", .data_root = folder.path(), .split = ""});
    EXPECT_THAT(
        refusal_of([&] { (void)convert_dataset(data->table(), {.layout = "seqtr", .folder = folder.path() / "s"}); },
                   ErrorCode::unsupported),
        HasSubstr("a.png"));
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "s"));
    EXPECT_THAT(
        refusal_of([&] { (void)convert_dataset(data->table(), {.layout = "voc"}); }, ErrorCode::invalid_argument),
        HasSubstr("'voc'"));
    // A mask in a picture becomes run lengths, and a picture of any name is found in REFER's layout.
    (void)convert_dataset(data->table(), {.layout = "refer", .folder = folder.path() / "r"});
    const auto refer = open_dataset({.data_root = folder.path() / "r", .image_root = folder.path(), .split = "val"});
    EXPECT_EQ(refer->get(0).mask, block_mask(1, 2, 3, 4));
    EXPECT_EQ(refer->get(0).box_px, (BoxXyxy{1.5F, 2.25F, 3.5F, 4.25F}));
    EXPECT_EQ(refer->get(0).image, test_picture(1));
}

TEST(ConvertDataset, WritesTheSameBytesAgain) {
    const Source source;
    const auto bytes = [&](const std::string& to) {
        (void)source.convert("refer", source.spec, to);
        std::string all;
        for (const char* file : {"refs(unc).p", "instances.json"}) {
            std::ifstream in(source.folder.path() / to / "refcoco" / file, std::ios::binary);
            all.append(std::istreambuf_iterator<char>(in), {});
        }
        return all;
    };
    EXPECT_EQ(bytes("one"), bytes("two"));
}

}  // namespace
}  // namespace vglaw
