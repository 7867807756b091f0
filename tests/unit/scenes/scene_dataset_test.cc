#include "vglaw/scenes/scene_dataset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "vglaw/core/error.h"
#include "vglaw/text/caption.h"

namespace vglaw {
namespace {

bool same(const Example& a, const Example& b) {
    return a.image == b.image && a.expression == b.expression && a.box_px == b.box_px && a.mask == b.mask &&
           a.ref_id == b.ref_id;
}

TEST(SceneDataset, MaskFillsTheBox) {
    const SceneDataset dataset({.style = "mixed"}, 1, 200);
    for (std::size_t i = 0; i < dataset.size(); ++i) {
        const Example example = dataset.get(i);
        ASSERT_EQ(example.mask.width, example.image.width);
        ASSERT_EQ(example.mask.height, example.image.height);
        int x0 = example.mask.width, y0 = example.mask.height, x1 = 0, y1 = 0;
        for (int y = 0; y < example.mask.height; ++y) {
            for (int x = 0; x < example.mask.width; ++x) {
                ASSERT_LE(example.mask.at(y, x), 1);
                if (example.mask.at(y, x) == 0) continue;
                x0 = std::min(x0, x), y0 = std::min(y0, y), x1 = std::max(x1, x + 1), y1 = std::max(y1, y + 1);
            }
        }
        EXPECT_EQ(example.box_px, (BoxXyxy{float(x0), float(y0), float(x1), float(y1)}));
        EXPECT_GE(std::max(x1 - x0, y1 - y0), 10);
        EXPECT_FALSE(example.expression.empty());
    }
}

TEST(SceneDataset, IsTheSameFromAnyThreadInAnyOrder) {
    const SceneDataset dataset({}, 12, 64);
    std::vector<Example> expected;
    for (std::size_t i = 0; i < dataset.size(); ++i) expected.push_back(dataset.get(i));
    std::atomic<int> different{0};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&, t] {
                for (std::size_t i = dataset.size(); i-- > 0;) {
                    const std::size_t index = (i + std::size_t(t) * 17) % dataset.size();
                    if (!same(dataset.get(index), expected[index])) ++different;
                }
            });
        }
    }
    EXPECT_EQ(different, 0);
}

TEST(SceneDataset, DiffersBetweenSeedsAndItems) {
    const SceneDataset one({}, 1, 4), two({}, 2, 4);
    EXPECT_FALSE(one.get(0).image == two.get(0).image);
    EXPECT_FALSE(one.get(0).image == one.get(1).image);
}

TEST(SceneDataset, CorpusHoldsItsExpressions) {
    const SceneOptions options{.style = "refcocog"};
    const SceneDataset dataset(options, 3, 20);
    const auto corpus = expression_corpus(options, 3, 20);
    ASSERT_EQ(corpus.size(), 20U);
    for (std::size_t i = 0; i < corpus.size(); ++i) EXPECT_EQ(corpus[i], dataset.get(i).expression);
}

TEST(SceneDataset, WorksAtTheEdgesOfItsOptions) {
    const SceneDataset one({.min_objects = 1, .max_objects = 1, .min_side = 64, .max_side = 64}, 1, 20);
    const SceneDataset large({.style = "mixed", .min_objects = 12, .max_objects = 20, .min_side = 700, .max_side = 700},
                             1, 3);
    for (std::size_t i = 0; i < one.size(); ++i) EXPECT_FALSE(one.get(i).expression.empty());
    for (std::size_t i = 0; i < large.size(); ++i) EXPECT_FALSE(large.get(i).expression.empty());
}

TEST(SceneDataset, LabelsEveryPixelWithItsObject) {
    const SceneOptions options{.style = "mixed"};
    const SceneDataset dataset(options, 5, 40);
    for (std::size_t i = 0; i < dataset.size(); ++i) {
        const Example example = dataset.get(i);
        const Situation situation = make_situation(options, 5, i);
        const LabelMap& labels = example.labels;
        ASSERT_EQ(labels.width, example.image.width);
        ASSERT_EQ(labels.height, example.image.height);
        ASSERT_EQ(labels.objects.size(), situation.scene.objects.size());
        const auto& referent = situation.scene.objects[std::size_t(situation.expression.referent)];
        bool same = true;
        for (int y = 0; y < labels.height; ++y) {
            for (int x = 0; x < labels.width; ++x) {
                same = same && (labels.at(y, x) == situation.expression.referent) == (example.mask.at(y, x) == 1);
            }
        }
        EXPECT_TRUE(same) << i;
        const ObjectLabels expected{std::uint8_t(referent.shape), std::uint8_t(referent.colour),
                                    std::uint8_t(referent.size)};
        EXPECT_EQ(labels.objects[std::size_t(situation.expression.referent)], expected);
    }
    EXPECT_EQ(dataset.label_classes(), (LabelClasses{12, 12, 3}));
}

TEST(SceneDataset, GrowsFromFewObjectsToMany) {
    const SceneOptions options{.min_objects = 2, .max_objects = 9, .grow = 0.5};
    const SceneDataset dataset(options, 8, 4000);
    const auto objects = [&](std::size_t i) { return dataset.get(i).labels.objects.size(); };
    std::size_t most_early = 0, most_late = 0;
    for (std::size_t i = 0; i < 40; ++i) {
        most_early = std::max(most_early, objects(i));
        most_late = std::max(most_late, objects(2000 + i));
    }
    EXPECT_LE(most_early, 3U);
    EXPECT_GE(most_late, 7U);
    // Past the growth it is the plain stream.
    SceneOptions plain = options;
    plain.grow = 0;
    EXPECT_TRUE(same(SceneDataset(plain, 8, 4000).get(3000), dataset.get(3000)));
}

TEST(SceneDataset, MakesCaptionsOfSeveralPhrasesEachWithItsTarget) {
    const SceneOptions plain{.style = "mixed"}, some{.style = "mixed", .captions = 0.5};
    const SceneDataset without(plain, 8, 400), with(some, 8, 400);
    int captions = 0, phrases = 0;
    for (std::size_t i = 0; i < 400; ++i) {
        const Example a = without.get(i), b = with.get(i);
        EXPECT_FALSE(a.is_caption);
        EXPECT_TRUE(a.image == b.image);
        EXPECT_TRUE(a.more.empty());
        if (!b.is_caption) {
            EXPECT_EQ(a.expression, b.expression);
            EXPECT_TRUE(a.mask == b.mask);
            EXPECT_TRUE(b.more.empty());
            continue;
        }
        ++captions;
        const Caption caption = parse_caption(b.expression);
        ASSERT_GE(caption.phrases.size(), 2U) << b.expression;
        ASSERT_EQ(caption.phrases.size(), 1 + b.more.size());
        phrases += int(caption.phrases.size());
        std::vector<Target> targets{{b.box_px, b.mask}};
        targets.insert(targets.end(), b.more.begin(), b.more.end());
        // The scene's own expression is one of them and means what it means alone; the others mean other things.
        const auto own = std::ranges::find(caption.phrases, a.expression);
        ASSERT_NE(own, caption.phrases.end()) << b.expression;
        for (std::size_t k = 0; k < targets.size(); ++k) {
            const bool is_own = k == std::size_t(own - caption.phrases.begin());
            EXPECT_EQ(targets[k].mask == a.mask, is_own) << b.expression;
            EXPECT_EQ(targets[k].box_px == a.box_px, is_own) << b.expression;
        }
    }
    EXPECT_GT(phrases, 2 * captions + 20);  // some have three
    EXPECT_NEAR(captions, 200, 50);         // five standard deviations of a binomial: 5 sqrt(400 / 4)
    EXPECT_TRUE(same(with.get(3), with.get(3)));
}

TEST(SceneDataset, RefusesWhatItCannotMake) {
    const auto code_of = [](auto&& make) {
        try {
            make();
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::internal;
    };
    EXPECT_EQ(code_of([] { SceneDataset dataset({.style = "novel"}, 1, 1); }), ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([] { SceneDataset dataset({.min_objects = 0}, 1, 1); }), ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([] { SceneDataset dataset({.grow = 1.5}, 1, 1); }), ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([] { SceneDataset dataset({.captions = -0.1}, 1, 1); }), ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([] { static_cast<void>(SceneDataset({}, 1, 1).get(1)); }), ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace vglaw
