#include "vglaw/data/image_finder.h"

#include <gtest/gtest.h>

#include "tests/unit/data/refer_folder.h"
#include "vglaw/core/error.h"

namespace vglaw {
namespace {

TEST(ImageFinder, KnowsTheCocoFolders) {
    const std::string name = "COCO_train2014_000000000007.jpg";
    for (const char* layout :
         {"images/mscoco/images/train2014", "images/train2014", "images/mscoco/train2014",
          "images/coco/images/train2014", "mscoco/images/train2014", "mscoco/train2014", "coco/images/train2014",
          "ln_data/other/images/mscoco/images/train2014", "refcoco/images"}) {
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
    EXPECT_EQ(finder.find(27, "00/images/27.jpg"), folder.path() / "images/saiaprtc12/27.jpg");
    EXPECT_EQ(finder.find(27, ""), folder.path() / "images/saiaprtc12/27.jpg");
    EXPECT_EQ(finder.find(27, "any.jpg"), std::nullopt);
}

// An own set beside COCO: its picture 9 is not COCO's.
TEST(ImageFinder, AnotherPictureOfThatNumberIsNotTaken) {
    const TemporaryFolder folder;
    folder.write("images/train2014/COCO_train2014_000000000009.jpg", "");
    folder.write("mine/images/photo9.png", "");
    ImageFinder finder(folder.path(), {}, "mine");
    EXPECT_EQ(finder.find(9, "COCO_train2014_000000000009.jpg"),
              folder.path() / "images/train2014/COCO_train2014_000000000009.jpg");
    EXPECT_EQ(finder.find(9, "photo9.png"), folder.path() / "mine/images/photo9.png");
    EXPECT_EQ(finder.find(9, "photo10.png"), std::nullopt);
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
