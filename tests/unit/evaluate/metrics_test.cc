#include "vglaw/evaluate/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/core/rng.h"

namespace vglaw {
namespace {

constexpr double kFixedPoint = 1e-12;  // IoUs are kept in steps of 2^-40 = 9.1e-13

ExpressionScore box_score(float iou, int words = 3) {
    ExpressionScore score;
    score.words = words;
    score.canvas.box_iou = score.original.box_iou = iou;
    return score;
}

ExpressionScore mask_score(std::size_t intersection, std::size_t union_, int words = 3) {
    ExpressionScore score = box_score(1.0F, words);
    score.has_mask = true;
    score.canvas.mask = score.original.mask = {intersection, union_};
    return score;
}

std::vector<ExpressionScore> random_scores(int count) {
    Rng rng(7);
    std::vector<ExpressionScore> scores;
    for (int i = 0; i < count; ++i) {
        ExpressionScore score = box_score(float(rng.uniform()), rng.uniform_int(1, 14));
        score.index = std::size_t(i);
        score.has_mask = rng.chance(0.8);
        const int whole = rng.uniform_int(0, 5000);
        score.canvas.mask = {std::size_t(rng.uniform_int(0, whole)), std::size_t(whole)};
        score.original.mask = {std::size_t(whole / 3), std::size_t(whole * 2)};
        scores.push_back(score);
    }
    return scores;
}

TEST(Metrics, CountsHitsAtEveryThresholdOfBoxes) {
    Metrics metrics;
    for (const float iou : {0.2F, 0.55F, 0.75F, 0.95F}) metrics.add(box_score(iou));
    const Figures figures = metrics.figures(Frame::canvas);
    ASSERT_TRUE(figures.rec);
    const std::array<double, 5> expected = {0.75, 0.5, 0.5, 0.25, 0.25};
    EXPECT_EQ(figures.rec->precision, expected);
    EXPECT_NEAR(figures.rec->mean_iou, (0.2 + 0.55 + 0.75 + 0.95) / 4, 1e-7);  // the IoUs are floats
    EXPECT_FALSE(figures.res);
}

TEST(Metrics, TakesAnIouExactlyOnTheThresholdAsAHit) {
    // Quotients of integers, rounded to float as boxes' IoUs are: none may fall to the wrong side.
    for (std::size_t i = 0; i < kPrecisionTenths.size(); ++i) {
        const auto tenths = std::size_t(kPrecisionTenths[i]);
        Metrics at, below;
        at.add(mask_score(tenths * 3, 30));
        below.add(mask_score(tenths * 100000 - 1, 1000000));
        EXPECT_EQ(at.figures(Frame::canvas).res->precision[i], 1.0) << "mask, X = 0." << tenths;
        EXPECT_EQ(below.figures(Frame::canvas).res->precision[i], 0.0) << "mask, X = 0." << tenths;

        Metrics box_at, box_below;
        const float quotient = float(tenths * 3) / 30.0F;
        box_at.add(box_score(quotient));
        box_below.add(box_score(std::nextafter(quotient, 0.0F)));
        EXPECT_EQ(box_at.figures(Frame::original).rec->precision[i], 1.0) << "box, X = 0." << tenths;
        EXPECT_EQ(box_below.figures(Frame::original).rec->precision[i], 0.0) << "box, X = 0." << tenths;
    }
}

TEST(Metrics, TellsMeanIouFromOverallIou) {
    // A small object found fully and a large one found by a tenth: the mean likes it, the overall figure does not.
    Metrics metrics;
    metrics.add(mask_score(10, 10));
    metrics.add(mask_score(100, 1000));
    const Figures figures = metrics.figures(Frame::canvas);
    EXPECT_NEAR(figures.res->miou, (1.0 + 0.1) / 2, kFixedPoint);
    EXPECT_DOUBLE_EQ(figures.res->oiou, 110.0 / 1010.0);
    EXPECT_EQ(figures.res->precision[0], 0.5);
}

TEST(Metrics, KeepsTheTwoFramesApart) {
    ExpressionScore score = mask_score(1, 2);
    score.original.mask = {3, 4};
    score.original.box_iou = 0.25F;
    Metrics metrics;
    metrics.add(score);
    EXPECT_EQ(metrics.figures(Frame::canvas).res->oiou, 0.5);
    EXPECT_EQ(metrics.figures(Frame::original).res->oiou, 0.75);
    EXPECT_EQ(metrics.figures(Frame::canvas).rec->mean_iou, 1.0);
    EXPECT_EQ(metrics.figures(Frame::original).rec->mean_iou, 0.25);
}

TEST(Metrics, ScoresAnEmptyUnionAsZero) {
    EXPECT_EQ(mask_iou({0, 0}), 0.0);
    Metrics metrics;
    metrics.add(mask_score(0, 0));
    const Figures figures = metrics.figures(Frame::canvas);
    EXPECT_EQ(figures.res->expressions, 1U);
    EXPECT_EQ(figures.res->miou, 0.0);
    EXPECT_EQ(figures.res->oiou, 0.0);
    EXPECT_EQ(figures.res->precision[0], 0.0);
}

TEST(Metrics, CountsOnlyMaskedExpressionsInRes) {
    Metrics metrics;
    metrics.add(mask_score(1, 1));
    metrics.add(box_score(0.0F));
    const Figures figures = metrics.figures(Frame::canvas);
    EXPECT_EQ(figures.expressions, 2U);
    EXPECT_EQ(figures.res->expressions, 1U);
    EXPECT_EQ(figures.res->miou, 1.0);
    EXPECT_EQ(figures.rec->precision[0], 0.5);
}

TEST(Metrics, SortsExpressionsIntoLengthBuckets) {
    const std::vector<std::size_t> expected = {0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 3, 3};
    for (int words = 0; words <= 12; ++words) {
        EXPECT_EQ(length_bucket(words), expected[std::size_t(words)]) << words << " words";
    }
    Metrics metrics;
    metrics.add(box_score(1.0F, 5));
    metrics.add(box_score(0.0F, 6));
    metrics.add(box_score(1.0F, 10));
    metrics.add(box_score(0.0F, 8));
    EXPECT_EQ(metrics.figures(Frame::canvas, 0).rec->precision[0], 1.0);
    EXPECT_EQ(metrics.figures(Frame::canvas, 1).rec->precision[0], 0.0);
    EXPECT_EQ(metrics.figures(Frame::canvas, 2).rec->precision[0], 0.5);
    EXPECT_FALSE(metrics.figures(Frame::canvas, 3).rec);
    EXPECT_THROW((void)metrics.figures(Frame::canvas, kLengthBuckets), Error);
    EXPECT_EQ(length_bucket_name(3), "11+");
    EXPECT_THROW((void)length_bucket_name(kLengthBuckets), Error);
}

TEST(Metrics, CountsWordsBetweenWhiteSpace) {
    EXPECT_EQ(count_words(""), 0);
    EXPECT_EQ(count_words("  \t\n"), 0);
    EXPECT_EQ(count_words("left"), 1);
    EXPECT_EQ(count_words(" the  man's\thand, left\n"), 4);
    EXPECT_EQ(count_words("caf\xc3\xa9 table"), 2);
}

TEST(Metrics, HasNoFiguresOfAnEmptySet) {
    const Metrics metrics;
    EXPECT_EQ(metrics.expressions(), 0U);
    EXPECT_EQ(metrics.figures(Frame::canvas).expressions, 0U);
    EXPECT_FALSE(metrics.figures(Frame::canvas).rec);
    EXPECT_FALSE(metrics.figures(Frame::canvas).res);
}

TEST(Metrics, MergesShardsToTheSameBitsInAnyOrder) {
    const std::vector<ExpressionScore> scores = random_scores(500);
    Metrics whole, even, odd, backwards;
    for (const ExpressionScore& score : scores) {
        whole.add(score);
        (score.index % 2 == 0 ? even : odd).add(score);
    }
    for (std::size_t i = scores.size(); i > 0; --i) backwards.add(scores[i - 1]);
    EXPECT_EQ(backwards, whole);
    EXPECT_NE(even, whole);
    Metrics merged = odd;
    merged.merge(even);
    EXPECT_EQ(merged, whole);
    EXPECT_EQ(merged.expressions(), 500U);
    EXPECT_EQ(Metrics::from_counters(whole.counters()), whole);
    EXPECT_THROW((void)Metrics::from_counters(whole.counters().first(3)), Error);
}

TEST(Metrics, BucketsAddUpToTheWhole) {
    Metrics metrics;
    for (const ExpressionScore& score : random_scores(200)) metrics.add(score);
    for (const Frame frame : kFrames) {
        std::size_t expressions = 0, masked = 0;
        double hits = 0;
        for (std::size_t bucket = 0; bucket < kLengthBuckets; ++bucket) {
            const Figures part = metrics.figures(frame, bucket);
            expressions += part.expressions;
            masked += part.res ? part.res->expressions : 0;
            hits += part.rec ? part.rec->precision[0] * double(part.expressions) : 0;
        }
        const Figures figures = metrics.figures(frame);
        EXPECT_EQ(expressions, figures.expressions);
        EXPECT_EQ(masked, figures.res->expressions);
        EXPECT_NEAR(hits, figures.rec->precision[0] * 200, 1e-9);  // counts, through a division and back
    }
}

TEST(Metrics, RefusesImpossibleScoresAndKeepsItsSums) {
    Metrics metrics;
    metrics.add(box_score(0.5F));
    const Metrics before = metrics;
    EXPECT_THROW(metrics.add(box_score(std::numeric_limits<float>::quiet_NaN())), Error);
    EXPECT_THROW(metrics.add(box_score(-0.1F)), Error);
    EXPECT_THROW(metrics.add(box_score(1.5F)), Error);
    EXPECT_THROW(metrics.add(mask_score(3, 2)), Error);
    EXPECT_EQ(metrics, before);
}

}  // namespace
}  // namespace vglaw
