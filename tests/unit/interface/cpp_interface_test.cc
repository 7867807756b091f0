#include "vglaw/interface/vglaw.hpp"

#include <gmock/gmock.h>

#include "tests/unit/interface/caller.h"
#include "vglaw/geometry/masks.h"

namespace vglaw::api {
namespace {

using interface::Picture;
using interface::shipped_model;
using ::testing::HasSubstr;

ImageView view_of(const Picture& picture) {
    return {picture.image.rgb.data(), picture.image.width, picture.image.height};
}

TEST(CppInterface, AnswersAsTheCInterface) {
    const Picture picture;
    const auto model = interface::open_model();
    const auto result =
        interface::ground(interface::make_grounder(model.get()).get(), picture.view(), {"the red ball"});
    const auto expected = interface::found_at(result, 0);

    Grounder grounder(Options{shipped_model, 1});
    std::vector<Grounding> found = grounder.ground(view_of(picture), {"the star", "the red ball"});
    ASSERT_EQ(found.size(), 2u);
    const Grounding kept = found[1];
    found.clear();  // the copy keeps the mask
    EXPECT_EQ(kept.expression, "the red ball");
    EXPECT_NEAR(kept.box.x0, expected.x0, 1e-2);  // in a batch of two the products add up in another order
    EXPECT_NEAR(kept.box.y1, expected.y1, 1e-2);
    EXPECT_EQ(kept.width, expected.width);
    EXPECT_NEAR(double(kept.mask_area), double(expected.mask_area), 2);
    std::size_t inside = 0;
    for (std::size_t i = 0; i < std::size_t(kept.width) * std::size_t(kept.height); ++i) inside += kept.mask[i];
    EXPECT_EQ(inside, kept.mask_area);
    EXPECT_EQ(area(from_coco_string(kept.rle(), kept.height, kept.width)), kept.mask_area);
    EXPECT_EQ(kept.tokens_read, 5);
    EXPECT_FALSE(kept.truncated);
}

TEST(CppInterface, GroundersShareAModelAndMove) {
    const Picture picture;
    const Model model(shipped_model, 1);
    EXPECT_EQ(model.info().image_size, 120);
    Grounder first(model, {{}, 1}), second(model, {{}, 1, 0.9F});
    const auto wide = first.ground(view_of(picture), {"the red ball"});
    const auto narrow = second.ground(view_of(picture), {"the red ball"});
    EXPECT_GT(wide[0].mask_area, narrow[0].mask_area);
    Grounder moved = std::move(first);
    EXPECT_EQ(moved.ground(view_of(picture), {"the red ball"})[0].rle(), wide[0].rle());
    static_assert(!std::is_copy_constructible_v<Grounder>);
}

TEST(CppInterface, ExplainsInVectors) {
    const Picture picture;
    Grounder grounder(Options{shipped_model, 1});
    const Explanation explanation = grounder.explain(view_of(picture), "the red ball");
    EXPECT_THAT(explanation.tokens, ::testing::ElementsAre("[CLS]", "the", "red", "ball", "[SEP]"));
    EXPECT_EQ(explanation.pool_attention.size(), std::size_t(explanation.grid * explanation.grid));
    EXPECT_EQ(explanation.token_attention.size(), explanation.blocks.size() * std::size_t(explanation.groups) * 5);
    EXPECT_EQ(explanation.canvas_size, 120);
    EXPECT_FALSE(explanation.truncated);
}

TEST(CppInterface, ThrowsOneErrorWithItsCode) {
    const auto code_of = [](auto action) {
        try {
            action();
        } catch (const Error& error) {
            return std::pair(error.code(), std::string(error.what()));
        }
        return std::pair(VGLAW_OK, std::string());
    };
    const Picture picture;
    EXPECT_THAT(code_of([] { (void)Model("no/such"); }), ::testing::Pair(VGLAW_NOT_FOUND, HasSubstr("no/such")));
    Grounder grounder(Options{shipped_model, 1});
    EXPECT_THAT(code_of([&] { (void)grounder.ground(view_of(picture), {}); }),
                ::testing::Pair(VGLAW_INVALID_ARGUMENT, HasSubstr("no expressions")));
    EXPECT_THAT(code_of([&] { (void)grounder.ground({}, {"ball"}); }),
                ::testing::Pair(VGLAW_INVALID_ARGUMENT, HasSubstr("data is NULL")));
    EXPECT_THAT(code_of([&] { (void)grounder.ground(view_of(picture), {std::string("red\0ball", 8)}); }),
                ::testing::Pair(VGLAW_INVALID_ARGUMENT, HasSubstr("zero byte")));
    EXPECT_THAT(code_of([&] { (void)grounder.explain(view_of(picture), ""); }),
                ::testing::Pair(VGLAW_INVALID_ARGUMENT, HasSubstr("empty")));
}

}  // namespace
}  // namespace vglaw::api
