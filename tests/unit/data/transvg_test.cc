#include "vglaw/data/transvg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/data/refer_folder.h"
#include "tests/unit/data/refusal.h"
#include "vglaw/core/files.h"

namespace vglaw {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// tools/golden/transvg.py wrote it, with torch.
std::filesystem::path golden() { return std::filesystem::path(VGLAW_SOURCE_DIR) / "tests/golden/data/transvg"; }

DatasetSpec spec_of(const std::string& dataset, const std::string& split = "val") {
    return {.layout = "transvg", .data_root = golden(), .image_root = golden(), .dataset = dataset, .split = split};
}

TEST(ReadTransvg, ReadsBothContainersOfTorchSave) {
    const AnnotationTable zip = read_annotations(spec_of("refcoco"));
    ASSERT_EQ(zip.expressions.size(), 3U);
    ASSERT_EQ(zip.targets.size(), 2U);  // two expressions of one annotation
    EXPECT_EQ(zip.expressions[2].text, "the caf\xC3\xA9 table");
    EXPECT_EQ(zip.targets[0].box_px, (BoxXyxy{2, 3, 9.5F, 7}));
    EXPECT_EQ(zip.targets[0].annotation_id, 101);
    EXPECT_EQ(zip.pictures[0].id, 1);
    EXPECT_FALSE(zip.has_masks);
    const AnnotationTable legacy = read_annotations(spec_of("refcoco", "testA"));
    ASSERT_EQ(legacy.targets.size(), 1U);
    EXPECT_EQ(legacy.targets[0].box_px, (BoxXyxy{5, 5, 7, 7}));
    EXPECT_THAT(read_annotations(spec_of("refcoco", "")).splits, ElementsAre("val", "testA"));
}

TEST(ReadTransvg, ReadsBoxesOfEveryKindOfNumber) {
    const AnnotationTable table = read_annotations(spec_of("refcoco+"));
    ASSERT_EQ(table.expressions.size(), 3U);
    EXPECT_EQ(table.targets.size(), 1U);  // array, tensor and list of scalars are the same box
    EXPECT_EQ(table.targets[0].box_px, (BoxXyxy{2, 3, 9.5F, 7}));
    EXPECT_EQ(read_annotations(spec_of("refcoco+", "testA")).targets[0].box_px, (BoxXyxy{2, 3, 9, 7}));
}

TEST(ReadTransvg, KnowsTheBoxesOfReferitAndFlickrAsCorners) {
    const AnnotationTable referit = read_annotations(spec_of("refclef"));
    EXPECT_EQ(referit.targets.at(0).box_px, (BoxXyxy{0, 0, 16, 4}));  // whole pixels, both ends included
    EXPECT_EQ(referit.pictures.at(0).id, 25);
    EXPECT_EQ(referit.targets.at(0).annotation_id, 0);  // "25_1" is no annotation of COCO's
    const AnnotationTable flickr = read_annotations(spec_of("flickr", "test"));
    EXPECT_EQ(flickr.targets.at(0).box_px, (BoxXyxy{2, 3, 9, 7}));
    EXPECT_EQ(flickr.expressions.at(0).text, "a man");
}

TEST(ReadTransvg, TakesMasksFromOneRefsAndEevgsPolygons) {
    for (const char* name : {"oneref", "eevg"}) {
        const AnnotationTable table = read_annotations(spec_of(name));
        ASSERT_TRUE(table.has_masks) << name;
        EXPECT_EQ(paint_mask(table.targets.at(0), kPictureHeight, kPictureWidth), block_mask(2, 3, 6, 7)) << name;
        EXPECT_EQ(table.targets.at(0).box_px, (BoxXyxy{2, 3, 6, 7})) << name;
    }
    EXPECT_EQ(read_annotations(spec_of("oneref")).pictures.at(0).width, 16);
}

TEST(ReadTransvg, TakesMasksFromInstances) {
    const TemporaryFolder folder;
    folder.write("instances.json", instances_json(golden_annotations()));
    write_pictures(folder, "train2014");
    DatasetSpec spec = spec_of("refcoco");
    spec.image_root = folder.path();
    EXPECT_THAT(open_dataset(spec)->note(), HasSubstr("--instances"));
    spec.instances = folder.path() / "instances.json";
    const auto data = open_dataset(spec);
    EXPECT_EQ(data->get(0).mask, block_mask(2, 3, 9, 7));
    EXPECT_EQ(data->get(2).ref_id, 105);
}

TEST(ReadTransvg, CountsABoxThatIsNotANumber) {
    const TemporaryFolder folder;
    write_pictures(folder, "train2014");
    DatasetSpec spec = spec_of("nan");
    spec.image_root = folder.path();
    EXPECT_THAT(refusal_of([&] { (void)open_dataset(spec); }, ErrorCode::not_found),
                AllOf(HasSubstr("1 of 2 references"), HasSubstr("no area")));
}

TEST(ReadTransvg, RefusesOtherFiles) {
    EXPECT_THAT(corruption_of(spec_of("names"), "names_val.pth"), AllOf(HasSubstr("entry 0"), HasSubstr("leads out")));
    EXPECT_THAT(corruption_of(spec_of("dict"), "dict_val.pth"), HasSubstr("list of expressions"));
    EXPECT_THAT(corruption_of(spec_of("short"), "short_val.pth"), HasSubstr("entry 0"));
    EXPECT_THAT(corruption_of(spec_of("five"), "five_val.pth"), HasSubstr("3 numbers instead of 4"));
    EXPECT_THAT(refusal_of([&] { (void)read_annotations(spec_of("refcocog")); }, ErrorCode::not_found),
                HasSubstr("gref"));
}

TEST(ReadTransvg, RefusesATruncatedFileWhereverItEnds) {
    const TemporaryFolder folder;
    for (const char* name : {"unc_val.pth", "unc_testA.pth"}) {
        const std::string whole = read_text(golden() / name);
        const DatasetSpec spec{.layout = "transvg", .data_root = folder.path() / name, .split = "val"};
        for (std::size_t length = 0; length<whole.size(); length += length + 100> whole.size() ? 1 : 13) {
            folder.write(name, whole.substr(0, length));
            try {
                (void)read_annotations(spec);
                ADD_FAILURE() << name << " of " << length << " bytes was read";
            } catch (const Error& error) {
                EXPECT_THAT(error.what(), HasSubstr(name));
            }
        }
    }
}

TEST(TransvgName, IsThatOfItsFolders) {
    EXPECT_EQ(transvg_name("refcoco", "unc"), "unc");
    EXPECT_EQ(transvg_name("refcoco+", "unc"), "unc+");
    EXPECT_EQ(transvg_name("refcocog", "google"), "gref");
    EXPECT_EQ(transvg_name("refcocog", "umd"), "gref_umd");
    EXPECT_EQ(transvg_name("refclef", "berkeley"), "referit");
    EXPECT_EQ(transvg_name("mine", "unc"), "mine");
}

}  // namespace
}  // namespace vglaw
