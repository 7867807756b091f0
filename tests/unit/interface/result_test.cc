#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "tests/unit/interface/caller.h"
#include "tests/unit/model/golden_weights.h"
#include "vglaw/model/initialize.h"

namespace vglaw::interface {
namespace {

using ::testing::HasSubstr;

vglaw_explained explained_by(const Owned<vglaw_explanation>& explanation) {
    vglaw_explained explained{};
    explained.struct_size = sizeof(explained);
    EXPECT_EQ(vglaw_explanation_get(explanation.get(), &explained), VGLAW_OK) << vglaw_last_error();
    return explained;
}

Owned<vglaw_explanation> explain(vglaw_grounder* grounder, const vglaw_image& image, const char* expression) {
    vglaw_explanation* explanation = nullptr;
    EXPECT_EQ(vglaw_explain(grounder, &image, expression, &explanation), VGLAW_OK) << vglaw_last_error();
    return Owned<vglaw_explanation>(explanation);
}

TEST(Result, BelongsToNoGrounder) {
    const Picture picture;
    const auto model = open_model();
    auto grounder = make_grounder(model.get());
    const auto result = ground(grounder.get(), picture.view(), {"the red ball"});
    const auto before = mask_of(found_at(result, 0));
    (void)ground(grounder.get(), picture.view(), {"the star"});
    grounder.reset();
    EXPECT_EQ(mask_of(found_at(result, 0)), before);
}

TEST(Result, RefusesAnIndexBeyondItsEnd) {
    const Picture picture;
    const auto model = open_model();
    const auto result = ground(make_grounder(model.get()).get(), picture.view(), {"the red ball"});
    vglaw_found found{};
    found.struct_size = sizeof(found);
    const char* counts = nullptr;
    EXPECT_THAT(refusal(VGLAW_INVALID_ARGUMENT, vglaw_result_get(result.get(), 1, &found)), HasSubstr("result 1 of 1"));
    EXPECT_THAT(refusal(VGLAW_INVALID_ARGUMENT, vglaw_result_rle(result.get(), 1, &counts)), HasSubstr("1 of 1"));
    EXPECT_THAT(refusal(VGLAW_INVALID_ARGUMENT, vglaw_result_rle(result.get(), 0, nullptr)), HasSubstr("counts"));
    EXPECT_THAT(refusal(VGLAW_INVALID_ARGUMENT, vglaw_result_get(nullptr, 0, &found)), HasSubstr("result is NULL"));
    EXPECT_THAT(refusal(VGLAW_INVALID_ARGUMENT, vglaw_result_get(result.get(), 0, nullptr)),
                HasSubstr("found is NULL"));
    EXPECT_EQ(vglaw_result_count(nullptr), 0u);
    vglaw_result_destroy(nullptr);
}

TEST(Result, ThreadsMayAskForOneMaskTogether) {
    const Picture picture;
    const auto model = open_model();
    const auto result = ground(make_grounder(model.get()).get(), picture.view(), {"the red ball"});
    std::vector<const char*> all(4, nullptr);
    std::vector<std::thread> threads;
    for (auto& counts : all)
        threads.emplace_back([&] { EXPECT_EQ(vglaw_result_rle(result.get(), 0, &counts), VGLAW_OK); });
    for (auto& thread : threads) thread.join();
    for (const char* counts : all) EXPECT_EQ(counts, all[0]);
}

TEST(Explanation, HasTheWordsAndWhereTheModelLooked) {
    const Picture picture;  // wider than high
    const auto model = open_model();
    const auto explanation = explain(make_grounder(model.get()).get(), picture.view(), "the red ball");
    const auto explained = explained_by(explanation);
    ASSERT_EQ(explained.token_count, 5);
    EXPECT_STREQ(explained.tokens[0], "[CLS]");
    EXPECT_STREQ(explained.tokens[2], "red");
    EXPECT_EQ(explained.tokens_given, 5);
    EXPECT_EQ(explained.truncated, 0);
    ASSERT_NE(explained.pool_attention, nullptr);
    double looked = 0;
    for (int i = 0; i < explained.grid * explained.grid; ++i) looked += double(explained.pool_attention[i]);
    EXPECT_NEAR(looked, 1, 1e-4);  // a softmax in float32
    ASSERT_GT(explained.block_count, 0);
    for (int row = 0; row < explained.block_count * explained.groups; ++row) {
        double heard = 0;
        for (int i = 0; i < 5; ++i) heard += double(explained.token_attention[row * 5 + i]);
        EXPECT_NEAR(heard, 1, 1e-4) << row;
    }
    EXPECT_EQ(explained.blocks[0], 0);
    EXPECT_EQ(explained.canvas_size, 120);
    EXPECT_EQ(explained.placed_width + 2 * explained.left, 120);
    EXPECT_LE(explained.placed_height + 2 * explained.top, 120);
}

TEST(Explanation, SaysNothingOfWhatAModelDoesNotHave) {
    auto config = import_config();
    config.law.kind = "none";
    config.box_head.pool = "max";
    const auto weights = initial_weights(config, {"scratch", 1.0}, 3);
    std::map<std::string, TensorView> views;
    for (const auto& [name, shape] : tensor_shapes(config)) {
        const auto& values = weights.at(name);
        views[name] = {Dtype::f32, shape, {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * 4}};
    }
    std::string lines = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]";
    for (int i = 5; i < config.text.vocab_size; ++i) lines += "\nw" + std::to_string(i);
    const auto path = std::filesystem::temp_directory_path() / ("vglaw-passive-" + std::to_string(::getpid()));
    write_bundle(path, config, Vocabulary::parse(lines), views, "", "");
    const auto model = open_model(path.string());
    std::filesystem::remove(path);
    const Picture picture;
    const auto explanation = explain(make_grounder(model.get()).get(), picture.view(), "w7 w8");
    const auto explained = explained_by(explanation);
    EXPECT_EQ(explained.pool_attention, nullptr);
    EXPECT_EQ(explained.token_attention, nullptr);
    EXPECT_EQ(explained.block_count, 0);
    EXPECT_EQ(explained.groups, 0);
    EXPECT_STREQ(explained.tokens[1], "w7");
}

TEST(Explanation, RefusesBadCalls) {
    const Picture picture;
    const auto view = picture.view();
    const auto model = open_model();
    const auto grounder = make_grounder(model.get());
    vglaw_explanation* explanation = nullptr;
    EXPECT_THAT(refusal(VGLAW_INVALID_ARGUMENT, vglaw_explain(grounder.get(), &view, nullptr, &explanation)),
                HasSubstr("expression is NULL"));
    EXPECT_THAT(refusal(VGLAW_INVALID_ARGUMENT, vglaw_explain(grounder.get(), &view, "", &explanation)),
                HasSubstr("empty"));
    EXPECT_THAT(refusal(VGLAW_INVALID_ARGUMENT, vglaw_explain(nullptr, &view, "ball", &explanation)),
                HasSubstr("grounder is NULL"));
    EXPECT_THAT(refusal(VGLAW_INVALID_ARGUMENT, vglaw_explain(grounder.get(), nullptr, "ball", &explanation)),
                HasSubstr("image is NULL"));
    EXPECT_THAT(refusal(VGLAW_INVALID_ARGUMENT, vglaw_explanation_get(nullptr, nullptr)), HasSubstr("NULL"));
    vglaw_explanation_destroy(nullptr);
}

}  // namespace
}  // namespace vglaw::interface
