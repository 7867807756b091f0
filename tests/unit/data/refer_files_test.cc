#include "vglaw/data/refer_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/data/refer_folder.h"
#include "vglaw/core/error.h"

namespace vglaw {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string refusal(const std::filesystem::path& root, const std::string& dataset, const std::string& split_by) {
    try {
        (void)find_refer_files(root, dataset, split_by);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::not_found);
        return error.what();
    }
    return "found";
}

TEST(FindReferFiles, KnowsTheLayouts) {
    for (const char* layout : {"refcoco+", "refcoco+/refcoco+", "refcoco+/annotations", "annotations/refcoco+", "."}) {
        const TemporaryFolder folder;
        folder.write(std::string(layout) + "/instances.json", "{}");
        folder.write(std::string(layout) + "/refs(unc).p", ".");
        const ReferFiles files = find_refer_files(folder.path(), "refcoco+", "unc");
        EXPECT_TRUE(std::filesystem::equivalent(files.instances, folder.path() / layout / "instances.json")) << layout;
        EXPECT_TRUE(std::filesystem::equivalent(files.references, folder.path() / layout / "refs(unc).p")) << layout;
    }
}

TEST(FindReferFiles, SaysWhatIsThereInstead) {
    const TemporaryFolder folder;
    EXPECT_THAT(refusal(folder.path() / "nowhere", "refcoco", "unc"), HasSubstr("nowhere is not a folder"));
    EXPECT_THAT(refusal(folder.path(), "refcoco", "unc"), HasSubstr("nothing of the kind"));
    folder.write("refcocog/instances.json", "{}");
    folder.write("refcocog/refs(google).p", ".");
    EXPECT_THAT(refusal(folder.path(), "refcoco", "unc"), HasSubstr("data sets there: refcocog"));
    EXPECT_THAT(refusal(folder.path(), "refcocog", "umd"),
                AllOf(HasSubstr("has no refs(umd).p"), HasSubstr("refs(google).p")));
    folder.write("refclef/readme.txt", "");
    EXPECT_THAT(refusal(folder.path(), "refclef", "unc"), AllOf(HasSubstr("neither"), HasSubstr("readme.txt")));
    folder.write("refclef/refs(unc).p", ".");
    EXPECT_THAT(refusal(folder.path(), "refclef", "unc"), HasSubstr("has no instances.json"));
}

TEST(ImageFinder, KnowsTheCocoFolders) {
    const std::string name = "COCO_train2014_000000000007.jpg";
    for (const char* layout : {"images/mscoco/images/train2014", "images/train2014", "images/mscoco/train2014",
                               "images/coco/images/train2014"}) {
        const TemporaryFolder folder;
        folder.write(std::string(layout) + "/" + name, "");
        EXPECT_EQ(ImageFinder(folder.path(), {}, "refcoco").find(7, name), folder.path() / layout / name);
    }
}

TEST(ImageFinder, TakesTheNamesOfCoco2017) {
    const TemporaryFolder folder;
    folder.write("train2017/000000000007.jpg", "");
    ImageFinder finder(folder.path(), {}, "refcocog");
    EXPECT_EQ(finder.find(7, "COCO_train2014_000000000007.jpg"), folder.path() / "train2017/000000000007.jpg");
    EXPECT_EQ(finder.find(8, "COCO_train2014_000000000008.jpg"), std::nullopt);
    folder.write("train2017/000000000008.jpg", "");
    EXPECT_TRUE(finder.find(8, ""));
}

TEST(ImageFinder, KnowsTheSaiaprFolders) {
    const TemporaryFolder folder;
    folder.write("images/saiapr_tc-12/00/images/25.jpg", "");
    folder.write("images/saiapr_tc-12/26.jpg", "");
    folder.write("images/saiaprtc12/27.jpg", "");
    ImageFinder finder(folder.path(), {}, "refclef");
    EXPECT_EQ(finder.find(25, "00/images/25.jpg"), folder.path() / "images/saiapr_tc-12/00/images/25.jpg");
    EXPECT_EQ(finder.find(26, "00/images/26.jpg"), folder.path() / "images/saiapr_tc-12/26.jpg");
    EXPECT_EQ(finder.find(27, "any.jpg"), folder.path() / "images/saiaprtc12/27.jpg");
}

TEST(ImageFinder, LooksUnderItsOwnRootWhenGiven) {
    const TemporaryFolder folder;
    folder.write("pictures/a.jpg", "");
    folder.write("a.jpg", "");
    EXPECT_EQ(ImageFinder(folder.path(), folder.path() / "pictures", "mine").find(1, "a.jpg"),
              folder.path() / "pictures/a.jpg");
    EXPECT_THROW(ImageFinder(folder.path(), folder.path() / "nothing", "mine"), Error);
}

}  // namespace
}  // namespace vglaw
