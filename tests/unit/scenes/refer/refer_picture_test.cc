#include "vglaw/scenes/refer/refer_picture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

TEST(ReferPicture, NamesPicturesAsTheOriginalsAre) {
    const ReferSetKind coco = refer_set_kind("refcoco"), clef = refer_set_kind("refclef");
    EXPECT_EQ(refer_image_name(coco, refer_image_id(coco, 0)), "COCO_train2014_000000000001.jpg");
    EXPECT_EQ(refer_image_name(clef, refer_image_id(clef, 0)), "59/images/3000001.jpg");
    EXPECT_EQ(refer_image_folder(coco), "images/mscoco/images/train2014");
    EXPECT_EQ(refer_image_folder(clef), "images/saiapr_tc-12");
}

TEST(ReferPicture, SplitsInTwentieths) {
    for (const auto name : style_names) {
        const ReferSetKind kind = refer_set_kind(std::string(name));
        std::map<std::string, int> counts;
        for (int i = 0; i < 200; ++i) ++counts[refer_split(kind, i)];
        EXPECT_EQ(counts["train"], 160);
        EXPECT_EQ(counts["val"], 20);
        if (kind.split_by == "unc") {
            EXPECT_EQ(counts["testA"], 10);
            EXPECT_EQ(counts["testB"], 10);
        } else {
            EXPECT_EQ(counts["test"], 20);
        }
    }
}

TEST(ReferPicture, RefersToDifferentObjectsInDifferentWords) {
    const ReferSetKind kind = refer_set_kind("refcoco");
    for (int i = 0; i < 60; ++i) {
        const ReferPicture picture = make_refer_picture(kind, {}, 5, i);
        ASSERT_FALSE(picture.references.empty());
        std::vector<int> objects;
        for (const auto& reference : picture.references) {
            EXPECT_FALSE(reference.expressions.empty());
            EXPECT_LE(int(reference.expressions.size()), kind.max_sentences);
            for (const auto& expression : reference.expressions) EXPECT_EQ(expression.referent, reference.object);
            EXPECT_EQ(std::count(objects.begin(), objects.end(), reference.object), 0);
            objects.push_back(reference.object);
        }
    }
}

TEST(ReferPicture, RefusesAnUnknownDataSet) { EXPECT_THROW(static_cast<void>(refer_set_kind("refcoco++")), Error); }

}  // namespace
}  // namespace vglaw
