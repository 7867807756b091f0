#include "vglaw/format/pickle_builder.h"

#include <gtest/gtest.h>

#include "tests/unit/format/pickle_describe.h"
#include "vglaw/core/error.h"

namespace vglaw {
namespace {

TEST(PickleBuilder, BuildsInTheOrderOfTheCalls) {
    PickleBuilder builder("built");
    const auto list = builder.add_list(), dict = builder.add_dict();
    builder.set(dict, builder.add_string("later"), list);
    builder.append(list, builder.add_int(1));
    builder.append(list, builder.add_none());
    builder.set(dict, builder.add_string("later"), builder.add_bool(true));
    const PickleDocument document = builder.finish(dict);
    EXPECT_EQ(describe(document.root()), R"({"later": [1, None], "later": True})");
    EXPECT_TRUE(document.root().at("later").as_bool()) << "of a repeated key the last counts, as in Python";
}

TEST(PickleBuilder, RefusesWhatTheReaderWould) {
    PickleBuilder builder("built");
    const auto list = builder.add_list(), number = builder.add_int(1);
    EXPECT_THROW(builder.set(list, number, number), Error);
    EXPECT_THROW(builder.append(number, number), Error);
    EXPECT_THROW(builder.insert(list, number), Error);
    EXPECT_THROW(builder.set_state(list, number), Error);
    EXPECT_THROW((void)builder.add_string("\xff"), Error);
    const auto object = builder.add_object(number, list);
    builder.append(object, number);
    EXPECT_THROW(builder.set(object, number, number), Error) << "filled like a list and like a dict";
    builder.append(list, list);
    EXPECT_THROW((void)builder.finish(list), Error) << "contains itself";
}

TEST(PickleBuilder, MeasuresDepthAlongSharedValues) {
    PickleLimits limits;
    limits.max_depth = 10;
    const auto chain = [&](int levels) {
        PickleBuilder builder("built", limits);
        auto inner = builder.add_list();
        for (int i = 1; i < levels; ++i) inner = builder.add_list(std::vector{inner, inner});
        // The deep value is met first near the root, then again one level further down.
        const auto behind = builder.add_list(std::vector{inner});
        return builder.finish(builder.add_list(std::vector{inner, behind})).root().size();
    };
    EXPECT_EQ(chain(8), 2u);
    EXPECT_EQ(chain(9), 2u);
    EXPECT_THROW((void)chain(10), Error);
}

}  // namespace
}  // namespace vglaw
