#include "vglaw/scenes/refer/refer_writer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include <map>
#include <set>
#include <sstream>

#include "../json_resolver.h"
#include "vglaw/core/error.h"
#include "vglaw/core/files.h"
#include "vglaw/data/open_dataset.h"
#include "vglaw/format/pickle_reader.h"
#include "vglaw/scenes/refer/refer_picture.h"

namespace vglaw {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class Folder {
public:
    Folder() {
        static int count = 0;
        path_ = fs::temp_directory_path() / fmt::format("vglaw_scenes_test_{}_{}", getpid(), count++);
        fs::remove_all(path_);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { fs::remove_all(path_); }
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

/// Every file below the folder with its bytes.
std::map<std::string, std::string> contents(const fs::path& folder) {
    std::map<std::string, std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) out[fs::relative(entry.path(), folder).string()] = read_text(entry.path());
    }
    return out;
}

class EveryDataSet : public ::testing::TestWithParam<std::string_view> {
protected:
    void SetUp() override {
        options_.dataset = GetParam();
        options_.images = 24;
        options_.seed = 3;
        options_.threads = 2;
        summary_ = write_refer_layout(folder_.path(), options_);
        set_ = folder_.path() / options_.dataset;
    }
    [[nodiscard]] PickleDocument refs() const {
        return open_pickle(set_ / fmt::format("refs({}).p", summary_.split_by));
    }
    [[nodiscard]] json read(const char* name) const { return json::parse(read_text(set_ / name)); }

    Folder folder_;
    ReferSetOptions options_;
    ReferSetSummary summary_;
    fs::path set_;
};

TEST_P(EveryDataSet, JoinsReferencesAnnotationsAndPictures) {
    const json instances = read("instances.json");
    std::map<std::int64_t, json> annotations, images, categories;
    for (const auto& a : instances["annotations"]) annotations[a["id"].get<std::int64_t>()] = a;
    for (const auto& i : instances["images"]) images[i["id"].get<std::int64_t>()] = i;
    for (const auto& c : instances["categories"]) categories[c["id"].get<std::int64_t>()] = c;
    EXPECT_EQ(int(images.size()), summary_.images);
    EXPECT_EQ(int(annotations.size()), summary_.annotations);
    EXPECT_EQ(categories.size(), 12U);

    const PickleDocument document = refs();
    std::set<std::int64_t> ref_ids, sent_ids;
    ASSERT_EQ(int(document.root().size()), summary_.refs);
    for (std::size_t i = 0; i < document.root().size(); ++i) {
        const PickleValue ref = document.root()[i];
        const auto annotation = annotations.find(ref.at("ann_id").as_int());
        ASSERT_NE(annotation, annotations.end());
        EXPECT_EQ(annotation->second["image_id"].get<std::int64_t>(), ref.at("image_id").as_int());
        EXPECT_EQ(annotation->second["category_id"].get<std::int64_t>(), ref.at("category_id").as_int());
        EXPECT_TRUE(images.contains(ref.at("image_id").as_int()));
        ref_ids.insert(ref.at("ref_id").as_int());
        const PickleValue sentences = ref.at("sentences");
        ASSERT_EQ(ref.at("sent_ids").size(), sentences.size());
        std::set<std::string> texts;
        for (std::size_t s = 0; s < sentences.size(); ++s) {
            EXPECT_EQ(ref.at("sent_ids")[s].as_int(), sentences[s].at("sent_id").as_int());
            sent_ids.insert(sentences[s].at("sent_id").as_int());
            std::string joined;
            const PickleValue tokens = sentences[s].at("tokens");
            for (std::size_t t = 0; t < tokens.size(); ++t) {
                if (t > 0) joined += ' ';
                joined += tokens[t].as_string();
            }
            EXPECT_EQ(joined, sentences[s].at("sent").as_string());
            texts.insert(joined);
        }
        EXPECT_EQ(texts.size(), sentences.size());
    }
    EXPECT_EQ(int(ref_ids.size()), summary_.refs);
    EXPECT_EQ(int(sent_ids.size()), summary_.sentences);
}

TEST_P(EveryDataSet, SplitsByPicture) {
    std::map<std::int64_t, std::string> split_of;
    std::map<std::string, int> counts;
    const PickleDocument document = refs();
    for (std::size_t i = 0; i < document.root().size(); ++i) {
        const PickleValue ref = document.root()[i];
        const std::string split(ref.at("split").as_string());
        EXPECT_EQ(split_of.emplace(ref.at("image_id").as_int(), split).first->second, split);
        ++counts[split];
        const auto shape = Shape(ref.at("category_id").as_int() - 1);
        if (split == "testA") {
            EXPECT_TRUE(is_round(shape));
        }
        if (split == "testB") {
            EXPECT_FALSE(is_round(shape));
        }
    }
    EXPECT_EQ(int(split_of.size()), summary_.images);
    std::set<std::string> splits;
    for (const auto& [split, count] : counts) splits.insert(split);
    const bool unc = summary_.split_by == "unc";
    EXPECT_EQ(splits, unc ? (std::set<std::string>{"train", "val", "testA", "testB"})
                          : (std::set<std::string>{"train", "val", "test"}));
}

TEST_P(EveryDataSet, HoldsProgramsThatFindTheReferent) {
    const json scenes = read("scenes.json");
    std::map<std::int64_t, json> by_image;
    for (const auto& scene : scenes["scenes"]) by_image[scene["image_id"].get<std::int64_t>()] = scene;
    EXPECT_EQ(int(scenes["expressions"].size()), summary_.sentences);
    for (const auto& expression : scenes["expressions"]) {
        const json& scene = by_image.at(expression["image_id"].get<std::int64_t>());
        EXPECT_EQ(testing::JsonResolver(scene).run(expression["program"]),
                  std::set<int>{expression["object"].get<int>()})
            << expression["sent"];
    }
}

TEST_P(EveryDataSet, IsReadAsItWasDrawn) {
    const ReferSetKind kind = refer_set_kind(options_.dataset);
    std::size_t sentences = 0;
    const bool unc = summary_.split_by == "unc";
    const std::vector<std::string> splits = unc ? std::vector<std::string>{"train", "val", "testA", "testB"}
                                                : std::vector<std::string>{"train", "val", "test"};
    for (const auto& split : splits) {
        const auto owner = open_dataset(
            {.data_root = folder_.path(), .dataset = options_.dataset, .split_by = summary_.split_by, .split = split});
        const AnnotatedDataset& dataset = *owner;
        sentences += dataset.size();
        for (std::size_t i = 0; i < dataset.size(); ++i) {
            const Example example = dataset.get(i);
            const int number = int((example.image_id - 1) % 1000000);
            const ReferPicture picture = make_refer_picture(kind, {3, 12, 160, 320}, options_.seed, number);
            const ReferReference* reference = nullptr;
            for (const auto& r : picture.references) {
                for (const auto& e : r.expressions) {
                    if (e.text == example.expression) reference = &r;
                }
            }
            ASSERT_NE(reference, nullptr) << example.expression;
            EXPECT_EQ(example.box_px, picture.rendering.visible_box_px(reference->object));
            EXPECT_EQ(example.mask,
                      picture.rendering.visible_mask(reference->object));  // bit for bit through polygons or RLE
            ASSERT_EQ(example.image.rgb.size(), picture.rendering.image.rgb.size());
            double difference = 0;
            for (std::size_t p = 0; p < example.image.rgb.size(); ++p) {
                difference += std::abs(int(example.image.rgb[p]) - int(picture.rendering.image.rgb[p]));
            }
            EXPECT_LT(difference / double(example.image.rgb.size()),
                      8);  // JPEG's loss at quality 92 with halved chroma
        }
    }
    EXPECT_EQ(int(sentences), summary_.sentences);
}

INSTANTIATE_TEST_SUITE_P(Sets, EveryDataSet, ::testing::ValuesIn(style_names), [](const auto& info) {
    const std::string name(info.param);
    return name == "refcoco+" ? std::string("refcoco_plus") : name;
});

TEST(ReferWriter, GivesTheSameBytesWithAnyNumberOfThreads) {
    const Folder one, three, other;
    ReferSetOptions options{.images = 9, .seed = 8, .threads = 1};
    write_refer_layout(one.path(), options);
    options.threads = 3;
    int last = 0;
    options.progress = [&last](int done) { last = std::max(last, done); };
    write_refer_layout(three.path(), options);
    EXPECT_EQ(last, 9);
    options.seed = 9;
    write_refer_layout(other.path(), options);
    const auto expected = contents(one.path());
    EXPECT_EQ(expected.size(), 9U + 3U);
    EXPECT_EQ(contents(three.path()), expected);
    EXPECT_NE(contents(other.path()), expected);
}

TEST(ReferWriter, LetsOneFolderHoldAllFourSets) {
    const Folder folder;
    for (const auto name : style_names) write_refer_layout(folder.path(), {.dataset = std::string(name), .images = 2});
    std::size_t pictures = 0;
    for (const auto& [name, bytes] : contents(folder.path())) pictures += name.ends_with(".jpg") ? 1 : 0;
    EXPECT_EQ(pictures, 8U);
}

TEST(ReferWriter, SaysWhatItCannotDo) {
    const Folder folder;
    const auto code_of = [&](const ReferSetOptions& options) {
        try {
            write_refer_layout(folder.path(), options);
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::internal;
    };
    EXPECT_EQ(code_of({.dataset = "coco"}), ErrorCode::invalid_argument);
    EXPECT_EQ(code_of({.images = 0}), ErrorCode::invalid_argument);
    EXPECT_EQ(code_of({.images = 1, .min_objects = 9, .max_objects = 3}), ErrorCode::invalid_argument);
    EXPECT_EQ(code_of({.images = 1, .jpeg_quality = 0}), ErrorCode::invalid_argument);
    EXPECT_FALSE(fs::exists(folder.path() / "refcoco" / "instances.json"));
    write_text(folder.path() / "taken", "a file, not a folder");
    try {
        write_refer_layout(folder.path() / "taken", {.images = 1});
        FAIL() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::io);
    }
}

}  // namespace
}  // namespace vglaw
