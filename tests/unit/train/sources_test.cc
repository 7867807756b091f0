#include "vglaw/train/sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/train/tiny_experiment.h"

namespace vglaw::train {
namespace {

using testing::HasSubstr;

TEST(Sources, ScenesTakeEveryKeyOfTheirTable) {
    DataConfig config = tiny_experiment("unused").data;
    config.scenes.style = "refcocog";
    const auto sources = open_sources(config);
    EXPECT_EQ(sources.train->size(), 13U);
    EXPECT_EQ(sources.val->size(), 3U);
    EXPECT_EQ(sources.train->name(), "scenes/refcocog");
    const auto image = sources.train->get(0).image;
    EXPECT_EQ(std::max(image.width, image.height), 64);
    EXPECT_NE(sources.train->get(0).image, sources.val->get(0).image);
}

TEST(Sources, RefusesEqualSeeds) {
    DataConfig config;
    config.scenes.val_seed = config.scenes.train_seed = 9;
    EXPECT_THAT(message_of([&] { (void)open_sources(config); }), HasSubstr("val_seed are both 9"));
}

TEST(Sources, ReferWithoutOrWithAMissingRootSaysSo) {
    DataConfig config;
    config.source = "refer";
    EXPECT_THAT(message_of([&] { (void)open_sources(config); }), HasSubstr("refer"));
    config.refer.root = "/no/such/folder";
#ifndef VGLAW_MINIMAL
    EXPECT_THAT(message_of([&] { (void)open_sources(config); }), HasSubstr("/no/such/folder"));
#endif
}

#ifndef VGLAW_MINIMAL
TEST(Sources, OtherLayoutsAreReadByTheirTable) {
    DataConfig config;
    config.source = "jsonl";
    EXPECT_THAT(message_of([&] { (void)open_sources(config); }), HasSubstr("data.files.root"));
    const std::string golden = std::string(VGLAW_SOURCE_DIR) + "/tests/golden/";
    config.files.root = golden + "data/vglaw.jsonl";
    config.files.image_root = golden + "image";
    config.files.train_split = "train";
    EXPECT_THAT(message_of([&] { (void)open_sources(config); }), HasSubstr("no split train"));
    config.files.train_split = "val";
    // The golden lines name a picture that is not there.
    EXPECT_THAT(message_of([&] { (void)open_sources(config); }), HasSubstr("4 of 4 references cannot be used"));
}
#endif

TEST(Sources, VocabularyComesFromTheFileAndMustHaveTheSize) {
    const TemporaryFolder folder;
    write_text(folder / "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nred\nball\n");
    EXPECT_EQ(make_vocabulary(folder / "vocab.txt", 6).size(), 6U);
    EXPECT_THAT(message_of([&] { (void)make_vocabulary(folder / "vocab.txt", 7); }),
                HasSubstr("set text.vocab_size = 6"));
    EXPECT_THAT(message_of([&] { (void)make_vocabulary(folder / "missing.txt", 6); }), HasSubstr("missing.txt"));
}

TEST(Sources, VocabularyWithoutAFileHasExactlyTheSize) {
    EXPECT_EQ(make_vocabulary("", 300).size(), 300U);
    EXPECT_NE(message_of([] { (void)make_vocabulary("", 10); }), "");  // not even the alphabet
}

}  // namespace
}  // namespace vglaw::train
