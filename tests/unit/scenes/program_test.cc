#include "vglaw/scenes/program.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "vglaw/core/error.h"
#include "vglaw/scenes/scene_dataset.h"

namespace vglaw {
namespace {

SceneObject object(Shape shape, Colour colour, float cx, float cy, SizeClass size = SizeClass::small) {
    SceneObject out;
    out.shape = shape;
    out.colour = colour;
    out.size = size;
    out.cx = cx;
    out.cy = cy;
    out.radius = size == SizeClass::small ? 8.0F : size == SizeClass::medium ? 12.0F : 18.0F;
    return out;
}

/// 100 x 100 pixels: a red ball on the left, a red ball on the right, a large blue cube in the middle.
Scene three() {
    Scene scene;
    scene.width = scene.height = 100;
    scene.objects = {object(Shape::ball, Colour::red, 15, 50), object(Shape::ball, Colour::red, 85, 52),
                     object(Shape::cube, Colour::blue, 50, 50, SizeClass::large)};
    return scene;
}

Program with(std::vector<Step> steps) {
    Program program = {{.op = Op::scene}};
    program.insert(program.end(), steps.begin(), steps.end());
    return program;
}

TEST(Program, FiltersByWhatAnObjectIs) {
    EXPECT_EQ(resolve(with({{.op = Op::shape, .value = int(Shape::ball), .input = 0}}), three()),
              (std::vector<int>{0, 1}));
    EXPECT_EQ(resolve(with({{.op = Op::colour, .value = int(Colour::blue), .input = 0}}), three()),
              (std::vector<int>{2}));
    EXPECT_EQ(resolve(with({{.op = Op::not_colour, .value = int(Colour::red), .input = 0}}), three()),
              (std::vector<int>{2}));
    EXPECT_EQ(resolve(with({{.op = Op::size, .value = int(SizeClass::large), .input = 0}}), three()),
              (std::vector<int>{2}));
}

TEST(Program, FindsTheReferentOfARelation) {
    const Program ball_right_of_cube =
        with({{.op = Op::shape, .value = int(Shape::ball), .input = 0},
              {.op = Op::shape, .value = int(Shape::cube), .input = 0},
              {.op = Op::relate, .value = int(Relation::right_of), .input = 1, .anchor = 2},
              {.op = Op::unique, .input = 3}});
    EXPECT_EQ(resolve(ball_right_of_cube, three()), (std::vector<int>{1}));
    EXPECT_EQ(resolve_clearly(ball_right_of_cube, three()), 1);
}

TEST(Program, FindsWhatLiesBetween) {
    const Program program = with({{.op = Op::extreme, .value = int(Direction::left), .input = 0},
                                  {.op = Op::extreme, .value = int(Direction::right), .input = 0},
                                  {.op = Op::between, .input = 0, .anchor = 1, .second_anchor = 2}});
    EXPECT_EQ(resolve_clearly(program, three()), 2);
}

TEST(Program, CountsFromASide) {
    const Program second_from_right =
        with({{.op = Op::ordinal, .value = int(Direction::right), .input = 0, .rank = 2}});
    EXPECT_EQ(resolve_clearly(second_from_right, three()), 2);
    const Program fourth = with({{.op = Op::ordinal, .value = int(Direction::right), .input = 0, .rank = 4}});
    EXPECT_TRUE(resolve(fourth, three()).empty());
}

TEST(Program, UniqueRefusesTwo) {
    const Program program =
        with({{.op = Op::colour, .value = int(Colour::red), .input = 0}, {.op = Op::unique, .input = 1}});
    EXPECT_TRUE(resolve(program, three()).empty());
    EXPECT_EQ(resolve_clearly(program, three()), std::nullopt);
}

TEST(Program, IsUnclearWithoutALead) {
    Scene scene = three();
    scene.objects[1].cx = 18;  // leftmost by a hair: true by the definition, nothing a person would say
    const Program leftmost = with({{.op = Op::extreme, .value = int(Direction::left), .input = 0}});
    EXPECT_EQ(resolve(leftmost, scene), (std::vector<int>{0}));
    EXPECT_EQ(resolve_clearly(leftmost, scene), std::nullopt);
}

TEST(Program, IsUnclearWhenAnotherMightBeMeant) {
    Scene scene = three();
    scene.objects[1].cx = 49;  // over the cube and a little to its left
    scene.objects[1].cy = 12;
    const Program left_of_cube = with({{.op = Op::shape, .value = int(Shape::cube), .input = 0},
                                       {.op = Op::shape, .value = int(Shape::ball), .input = 0},
                                       {.op = Op::relate, .value = int(Relation::left_of), .input = 2, .anchor = 1}});
    EXPECT_EQ(resolve_clearly(left_of_cube, three()), 0);
    EXPECT_EQ(resolve_clearly(left_of_cube, scene), std::nullopt);
}

TEST(Program, IsUnclearWhenItsAnchorIsTwo) {
    const Program left_of_ball = with({{.op = Op::shape, .value = int(Shape::ball), .input = 0},
                                       {.op = Op::shape, .value = int(Shape::cube), .input = 0},
                                       {.op = Op::relate, .value = int(Relation::left_of), .input = 2, .anchor = 1}});
    EXPECT_EQ(resolve_clearly(left_of_ball, three()), std::nullopt);
}

TEST(Program, RefusesStepsThatReferAhead) {
    EXPECT_THROW(static_cast<void>(resolve({}, three())), Error);
    EXPECT_THROW(static_cast<void>(resolve(with({{.op = Op::unique, .input = 1}}), three())), Error);
    EXPECT_THROW(static_cast<void>(resolve(with({{.op = Op::region, .value = 99, .input = 0}}), three())), Error);
}

TEST(Program, SurvivesJson) {
    for (int i = 0; i < 2000; ++i) {
        const Program program = make_situation({.style = "mixed"}, 3, std::uint64_t(i)).expression.program;
        EXPECT_EQ(program_from_json(nlohmann::json::parse(to_json(program).dump())), program);
    }
}

TEST(Program, RefusesMalformedJson) {
    for (const char* text :
         {"null", "{}", "[]", "[1]", R"([{"op": 3}])", R"([{"op": "fly"}])", R"([{"op": "unique"}])",
          R"([{"op": "scene"}, {"op": "unique", "input": 1}])", R"([{"op": "scene"}, {"op": "unique", "input": -1}])",
          R"([{"op": "scene"}, {"op": "unique", "input": 0.5}])",
          R"([{"op": "scene"}, {"op": "filter_shape", "input": 0}])",
          R"([{"op": "scene"}, {"op": "filter_shape", "input": 0, "value": "pear"}])",
          R"([{"op": "scene"}, {"op": "relate", "input": 0, "value": "left_of"}])",
          R"([{"op": "scene"}, {"op": "ordinal", "input": 0, "value": "left", "rank": 0}])"}) {
        try {
            static_cast<void>(program_from_json(nlohmann::json::parse(text)));
            FAIL() << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::corrupt_data) << text;
        }
    }
}

}  // namespace
}  // namespace vglaw
