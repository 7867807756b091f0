#include "vglaw/data/refer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/unit/data/refer_folder.h"
#include "vglaw/core/error.h"
#include "vglaw/data/open_dataset.h"

namespace vglaw {
namespace {

using testing::AllOf;
using testing::HasSubstr;

DatasetSpec options(const TemporaryFolder& folder, std::string split) {
    return {.data_root = folder.path(), .split = std::move(split)};
}

std::string message_of(auto action, ErrorCode code) {
    try {
        action();
    } catch (const Error& error) {
        EXPECT_EQ(int(error.code()), int(code)) << error.what();
        return error.what();
    }
    ADD_FAILURE() << "nothing was refused";
    return {};
}

class ReferProtocol : public testing::TestWithParam<int> {};

TEST_P(ReferProtocol, ReadsWhatPythonPickled) {
    const TemporaryFolder folder;
    write_refer_folder(folder, GetParam());
    const auto owner = open_dataset(options(folder, "train"));
    const AnnotatedDataset& dataset = *owner;
    ASSERT_EQ(dataset.size(), 3U);
    EXPECT_EQ(dataset.references(), 2U);
    EXPECT_EQ(dataset.images(), 2U);
    EXPECT_EQ(dataset.name(), "refcoco(unc) train");
    const Example first = dataset.get(0);
    EXPECT_EQ(first.expression, "left red box");
    EXPECT_EQ(first.ref_id, 1);
    EXPECT_EQ(first.image_id, 1);
    EXPECT_EQ(first.sentence_id, 10);
    EXPECT_EQ(first.image, test_picture(1));
    EXPECT_EQ(first.box_px, (BoxXyxy{2, 3, 9.5F, 7}));
    EXPECT_EQ(dataset.expression(1), "box thats red");
    EXPECT_EQ(dataset.expression(2), "the caf\xC3\xA9 table");
    EXPECT_EQ(dataset.get(2).image, test_picture(2));
}

INSTANTIATE_TEST_SUITE_P(AllProtocols, ReferProtocol, testing::Values(0, 2, 3, 4, 5));

TEST(ReadRefer, PaintsEveryKindOfSegmentation) {
    const TemporaryFolder folder;
    write_refer_folder(folder);
    const auto train_owner = open_dataset(options(folder, "train"));
    const AnnotatedDataset& train = *train_owner;
    EXPECT_TRUE(train.has_masks());
    EXPECT_EQ(train.get(0).mask, block_mask(2, 3, 9, 7));  // the overlap counts once
    Mask both = block_mask(1, 1, 3, 6);
    for (int x = 2; x < 5; ++x) both.at(1, x) = 1;
    EXPECT_EQ(train.get(2).mask, both);
    const auto test_owner = open_dataset(options(folder, "testA"));
    const AnnotatedDataset& test = *test_owner;
    EXPECT_EQ(test.get(0).mask, block_mask(0, 0, 16, 12));
    EXPECT_EQ(test.get(1).mask, block_mask(5, 5, 7, 7));
    EXPECT_EQ(open_dataset(options(folder, "val"))->get(0).mask, block_mask(5, 5, 7, 7));
}

TEST(ReadRefer, TakesTheRawTextWhenAsked) {
    const TemporaryFolder folder;
    write_refer_folder(folder);
    DatasetSpec raw = options(folder, "train");
    raw.text = ReferText::raw;
    const auto owner = open_dataset(raw);
    const AnnotatedDataset& dataset = *owner;
    EXPECT_EQ(dataset.expression(0), "LEFT red box!");
    EXPECT_EQ(dataset.expression(2), "the \"caf\xC3\xA9\" table \xE2\x80\x99");
}

TEST(ReadRefer, NamesTheSplitsThereAre) {
    const TemporaryFolder folder;
    write_refer_folder(folder);
    EXPECT_THAT(message_of([&] { (void)open_dataset(options(folder, "trainval")); }, ErrorCode::not_found),
                AllOf(HasSubstr("no split trainval"), HasSubstr("train (2 references)"), HasSubstr("testAB (1")));
    EXPECT_EQ(open_dataset(options(folder, "testB"))->size(), 1U);
    EXPECT_EQ(open_dataset(options(folder, "test"))->size(), 2U);
}

TEST(ReadRefer, RefusesOrSkipsMissingAnnotations) {
    const TemporaryFolder folder;
    write_refer_folder(folder);
    auto annotations = golden_annotations();
    annotations.erase(annotations.begin() + 1);  // 101
    folder.write("refcoco/instances.json", instances_json(annotations));
    EXPECT_THAT(message_of([&] { (void)open_dataset(options(folder, "train")); }, ErrorCode::not_found),
                AllOf(HasSubstr("1 of 2 references"), HasSubstr("annotation 101"), HasSubstr("--skip-missing")));
    DatasetSpec skipping = options(folder, "train");
    skipping.skip_missing = true;
    const auto owner = open_dataset(skipping);
    const AnnotatedDataset& dataset = *owner;
    EXPECT_EQ(dataset.size(), 1U);
    EXPECT_EQ(dataset.skipped(), 2U);
    EXPECT_THAT(dataset.skipped_reason(), HasSubstr("annotation 101"));
    EXPECT_EQ(dataset.get(0).ref_id, 2);
}

TEST(ReadRefer, RefusesOrSkipsMissingPictures) {
    const TemporaryFolder folder;
    write_refer_folder(folder);
    std::filesystem::remove(folder.path() / "images/mscoco/images/train2014/COCO_train2014_000000000002.jpg");
    EXPECT_THAT(message_of([&] { (void)open_dataset(options(folder, "train")); }, ErrorCode::not_found),
                AllOf(HasSubstr("COCO_train2014_000000000002.jpg"), HasSubstr("images/mscoco/images/train2014")));
    DatasetSpec skipping = options(folder, "train");
    skipping.skip_missing = true;
    EXPECT_EQ(open_dataset(skipping)->skipped(), 1U);
    skipping.split = "val";
    EXPECT_THAT(message_of([&] { (void)open_dataset(skipping); }, ErrorCode::not_found),
                HasSubstr("1 of 1 references"));
}

TEST(ReadRefer, RefusesAnAnnotationOfAnotherImage) {
    const TemporaryFolder folder;
    write_refer_folder(folder);
    auto annotations = golden_annotations();
    annotations[5] = annotation_json(105, 1, "[5,5,2,2]", "[[5,5,7,5,7,7,5,7]]");
    folder.write("refcoco/instances.json", instances_json(annotations));
    EXPECT_THAT(message_of([&] { (void)open_dataset(options(folder, "val")); }, ErrorCode::not_found),
                HasSubstr("reference 5 is of image 2, but its annotation 105 of image 1"));
}

TEST(ReadRefer, WorksWithBoxesOnly) {
    const TemporaryFolder folder;
    write_refer_folder(folder);
    folder.write("refcoco/instances.json", instances_json({annotation_json(105, 2, "[5,5,2,2]", "[]")}));
    const auto owner = open_dataset(options(folder, "val"));
    const AnnotatedDataset& dataset = *owner;
    EXPECT_FALSE(dataset.has_masks());
    EXPECT_TRUE(dataset.get(0).mask.empty());
}

TEST(ReadRefer, NamesAPictureItCannotRead) {
    const TemporaryFolder folder;
    write_refer_folder(folder);
    const std::string name = "images/mscoco/images/train2014/COCO_train2014_000000000002.jpg";
    const auto owner = open_dataset(options(folder, "val"));
    const AnnotatedDataset& dataset = *owner;
    folder.write(name, "not a picture");
    EXPECT_THAT(message_of([&] { (void)dataset.get(0); }, ErrorCode::unsupported), HasSubstr(name));
    folder.write(name, as_text(encode_jpeg(Image(30, 20))));
    EXPECT_THAT(message_of([&] { (void)dataset.get(0); }, ErrorCode::corrupt_data),
                AllOf(HasSubstr(name), HasSubstr("30x20"), HasSubstr("16x12")));
    folder.write(name, as_text(encode_jpeg(test_picture(2))));
    EXPECT_EQ(dataset.get(0).image.width, kPictureWidth);
    EXPECT_THAT(message_of([&] { (void)dataset.get(1); }, ErrorCode::invalid_argument), HasSubstr("beyond"));
}

TEST(ReadRefer, IsReadByManyThreadsAtOnce) {
    const TemporaryFolder folder;
    write_refer_folder(folder);
    const auto owner = open_dataset(options(folder, "train"));
    const AnnotatedDataset& dataset = *owner;
    std::vector<std::thread> threads;
    std::vector<int> same(3);
    for (std::size_t i = 0; i < same.size(); ++i) {
        threads.emplace_back([&, i] {
            bool all = true;
            for (int round = 0; round < 20; ++round) all = all && dataset.get(i).image == test_picture(i == 2 ? 2 : 1);
            same[i] = all ? 1 : 0;
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_THAT(same, testing::Each(1));
}

}  // namespace
}  // namespace vglaw
