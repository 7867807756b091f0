#include "vglaw/evaluate/evaluator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "toy_set.h"
#include "vglaw/core/error.h"

namespace vglaw {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

EvaluateOptions toy_options(std::size_t batch_size = 3, int threads = 0) {
    EvaluateOptions options;
    options.prepare.size = kToyCanvas;
    options.batch_size = batch_size;
    options.threads = threads;
    return options;
}

std::vector<std::size_t> indices(const std::vector<KeptExample>& examples) {
    std::vector<std::size_t> result;
    for (const KeptExample& example : examples) result.push_back(example.record.score.index);
    return result;
}

TEST(Evaluator, GivesAPerfectPredictorFullMarksEverywhere) {
    ToyPredictor perfect;
    const ToySet set = unscaled_set();
    const Evaluation result = evaluate(set, toy_tokenizer(), perfect, toy_options());
    for (const Frame frame : kFrames) {
        const Figures figures = result.metrics.figures(frame);
        ASSERT_TRUE(figures.rec && figures.res);
        EXPECT_EQ(figures.expressions, 7U);
        EXPECT_NEAR(figures.rec->mean_iou, 1.0, 1e-5);  // boxes go to the canvas and back in float
        EXPECT_EQ(figures.res->miou, 1.0);
        EXPECT_EQ(figures.res->oiou, 1.0);
        for (std::size_t i = 0; i < kPrecisionTenths.size(); ++i) {
            EXPECT_EQ(figures.rec->precision[i], 1.0);
            EXPECT_EQ(figures.res->precision[i], 1.0);
        }
        for (std::size_t bucket = 0; bucket < kLengthBuckets; ++bucket) {
            EXPECT_EQ(result.metrics.figures(frame, bucket).rec->precision[0], 1.0);
        }
    }
    EXPECT_EQ(perfect.calls, 3);
    EXPECT_EQ(result.hits.size(), 7U);
    EXPECT_TRUE(result.misses.empty());
}

TEST(Evaluator, KeepsOneRecordAnExpressionInTheSetsOrder) {
    ToyPredictor predictor(1);
    const ToySet set = unscaled_set();
    const Evaluation result = evaluate(set, toy_tokenizer(), predictor, toy_options());
    ASSERT_EQ(result.records.size(), 7U);
    for (std::size_t i = 0; i < 7; ++i) {
        const ExpressionRecord& record = result.records[i];
        EXPECT_EQ(record.score.index, i);
        EXPECT_EQ(record.image_id, 100 + std::int64_t(i));
        EXPECT_EQ(record.ref_id, 200 + std::int64_t(i));
        EXPECT_EQ(record.sentence_id, 300 + std::int64_t(i));
        EXPECT_EQ(record.expression, set.get(i).expression);
        EXPECT_EQ(record.truth_px, set.get(i).box_px);
        EXPECT_EQ(record.hit(), i % 3 != 1);
    }
    EXPECT_EQ(result.records[5].score.words, 11);
    const Figures figures = result.metrics.figures(Frame::canvas);
    EXPECT_DOUBLE_EQ(figures.rec->precision[0], 5.0 / 7.0);  // 1 and 4 are wrong
    EXPECT_NEAR(figures.res->miou, 5.0 / 7.0, 1e-12);        // and their masks are the complement
}

TEST(Evaluator, GivesTheSameFiguresForAnyBatchSizeAndThreads) {
    const ToySet set = unscaled_set();
    const auto run = [&](std::size_t batch_size, int threads) {
        ToyPredictor predictor(0);
        return evaluate(set, toy_tokenizer(), predictor, toy_options(batch_size, threads)).metrics;
    };
    const Metrics reference = run(1, 0);
    EXPECT_EQ(run(3, 2), reference);
    EXPECT_EQ(run(100, 3), reference);
}

TEST(Evaluator, ShardsAddUpToTheWhole) {
    const ToySet set = unscaled_set();
    ToyPredictor predictor(2);
    const Metrics whole = evaluate(set, toy_tokenizer(), predictor, toy_options()).metrics;
    Metrics merged;
    std::size_t most = 0;
    for (int rank = 0; rank < 5; ++rank) {  // more ranks than batches: the last two have nothing to do
        EvaluateOptions options = toy_options();
        options.rank = rank;
        options.world = 5;
        options.progress = [&](std::size_t done, std::size_t total) {
            EXPECT_LE(done, total);
            most += done;
        };
        merged.merge(evaluate(set, toy_tokenizer(), predictor, options).metrics);
    }
    EXPECT_EQ(merged, whole);
    EXPECT_EQ(most, 7U);
}

TEST(Evaluator, HasNoResFiguresWithoutMasks) {
    ToyPredictor predictor;
    const Evaluation boxes_only = evaluate(unscaled_set(false), toy_tokenizer(), predictor, toy_options());
    EXPECT_TRUE(boxes_only.metrics.figures(Frame::canvas).rec);
    EXPECT_FALSE(boxes_only.metrics.figures(Frame::canvas).res);
    ToyPredictor without_mask_head(-1, false);
    const Evaluation no_head = evaluate(unscaled_set(), toy_tokenizer(), without_mask_head, toy_options());
    EXPECT_FALSE(no_head.metrics.figures(Frame::original).res);
    EXPECT_TRUE(no_head.hits.front().mask.counts.empty());
}

TEST(Evaluator, EvaluatesAnEmptySetToNothing) {
    ToyPredictor predictor;
    const Evaluation result = evaluate(ToySet({}), toy_tokenizer(), predictor, toy_options());
    EXPECT_EQ(result.metrics.expressions(), 0U);
    EXPECT_TRUE(result.records.empty());
    EXPECT_EQ(predictor.calls, 0);
}

TEST(Evaluator, KeepsTheFirstHitsAndMisses) {
    ToyPredictor predictor(1);
    const ToySet set = unscaled_set();
    EvaluateOptions options = toy_options();
    options.keep = 2;
    const Evaluation result = evaluate(set, toy_tokenizer(), predictor, options);
    EXPECT_THAT(indices(result.hits), ElementsAre(0, 2));
    EXPECT_THAT(indices(result.misses), ElementsAre(1, 4));
    EXPECT_EQ(decode(result.hits.front().mask), set.get(0).mask);
    options.keep = 0;
    EXPECT_TRUE(evaluate(set, toy_tokenizer(), predictor, options).hits.empty());
}

TEST(Evaluator, KeepsTheSameRandomChoiceForASeed) {
    ToyPredictor predictor;
    std::vector<std::vector<std::size_t>> choices;
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
        EvaluateOptions options = toy_options();
        options.keep = 3;
        options.keep_seed = seed;
        choices.push_back(indices(evaluate(unscaled_set(), toy_tokenizer(), predictor, options).hits));
        ASSERT_EQ(choices.back().size(), 3U);
        EXPECT_TRUE(std::is_sorted(choices.back().begin(), choices.back().end()));
        options.batch_size = 2;
        EXPECT_EQ(indices(evaluate(unscaled_set(), toy_tokenizer(), predictor, options).hits), choices.back());
    }
    EXPECT_TRUE(std::any_of(choices.begin(), choices.end(), [&](const auto& other) { return other != choices[0]; }));
}

TEST(Evaluator, ReportsProgressAfterEachBatch) {
    ToyPredictor predictor;
    EvaluateOptions options = toy_options();
    std::vector<std::pair<std::size_t, std::size_t>> seen;
    options.progress = [&](std::size_t done, std::size_t total) { seen.emplace_back(done, total); };
    (void)evaluate(unscaled_set(), toy_tokenizer(), predictor, options);
    EXPECT_THAT(seen, ElementsAre(std::pair(3, 7), std::pair(6, 7), std::pair(7, 7)));
}

TEST(Evaluator, RefusesAPredictorThatBreaksItsContract) {
    class Silent final : public ToyPredictor {
        void predict(const Batch&, std::vector<Prediction>&) override {}
    } silent;
    EXPECT_THROW((void)evaluate(unscaled_set(), toy_tokenizer(), silent, toy_options()), Error);

    class Diverged final : public ToyPredictor {
        void predict(const Batch& batch, std::vector<Prediction>& out) override {
            ToyPredictor::predict(batch, out);
            out.back().box.w = std::numeric_limits<float>::quiet_NaN();
        }
    } diverged;
    try {
        (void)evaluate(unscaled_set(), toy_tokenizer(), diverged, toy_options(3, 2));
        FAIL() << "accepted a box that is not a number";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("expression 2 (\"a box"));
    }
}

TEST(Evaluator, RefusesCaptionsOfSeveralPhrases) {
    class Captioned final : public Dataset {
    public:
        std::size_t size() const override { return inner_.size(); }
        std::string name() const override { return "captions"; }
        Example get(std::size_t index) const override {
            Example example = inner_.get(index);
            example.is_caption = true;
            example.expression = "[a box] [a box]";
            example.more = {{example.box_px, example.mask}};
            return example;
        }

    private:
        ToySet inner_ = unscaled_set();
    } captions;
    ToyPredictor predictor;
    try {
        (void)evaluate(captions, toy_tokenizer(), predictor, toy_options());
        FAIL() << "scored a half of every caption";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("captions has captions of several phrases"));
    }
}

TEST(Evaluator, RefusesOptionsOutOfRange) {
    ToyPredictor predictor;
    const auto refused = [&](auto change) {
        EvaluateOptions options = toy_options();
        change(options);
        EXPECT_THROW((void)evaluate(unscaled_set(), toy_tokenizer(), predictor, options), Error);
    };
    refused([](EvaluateOptions& options) { options.batch_size = 0; });
    refused([](EvaluateOptions& options) { options.mask_threshold = 1.0; });
    refused([](EvaluateOptions& options) { options.rank = 2, options.world = 2; });
    refused([](EvaluateOptions& options) { options.prepare.size = 0; });
    refused([](EvaluateOptions& options) { options.threads = -1; });
}

}  // namespace
}  // namespace vglaw
