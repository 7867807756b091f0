#include "vglaw/evaluate/evaluator.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/core/rng.h"
#include "vglaw/data/loader.h"
#include "vglaw/evaluate/score.h"

namespace vglaw {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Hands examples through to the loader and remembers what a batch does not carry, the ground truth at the picture's
/// own resolution: reading it a second time would decode every picture twice. It holds no more than the loader
/// prefetches.
class TruthKeeper final : public Dataset {
public:
    explicit TruthKeeper(const Dataset& inner) : inner_(inner) {}
    std::size_t size() const override { return inner_.size(); }
    bool has_masks() const override { return inner_.has_masks(); }
    std::string name() const override { return inner_.name(); }

    Example get(std::size_t index) const override {
        Example example = inner_.get(index);
        Example truth;
        truth.expression = example.expression;
        truth.box_px = example.box_px;
        truth.mask = example.mask;
        truth.image_id = example.image_id;
        truth.ref_id = example.ref_id;
        truth.sentence_id = example.sentence_id;
        const std::lock_guard lock(mutex_);
        truths_.insert_or_assign(index, std::move(truth));
        return example;
    }

    Example take(std::size_t index) {
        const std::lock_guard lock(mutex_);
        auto node = truths_.extract(index);
        if (node.empty()) fail(ErrorCode::internal, "the loader made example {} without reading it", index);
        return std::move(node.mapped());
    }

private:
    const Dataset& inner_;
    mutable std::mutex mutex_;
    mutable std::unordered_map<std::size_t, Example> truths_;  // without their pictures
};

/// Runs body(0) ... body(count - 1) on up to `threads` threads; the first exception is thrown here.
template <typename Body>
void for_each_row(std::size_t count, int threads, const Body& body) {
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex mutex;
    const auto work = [&] {
        try {
            for (std::size_t row = next++; row < count; row = next++) body(row);
        } catch (...) {
            const std::lock_guard lock(mutex);
            if (!failure) failure = std::current_exception();
            next = count;
        }
    };
    std::vector<std::jthread> helpers;
    const std::size_t wanted = std::min(count, std::size_t(std::max(threads, 1)));
    for (std::size_t i = 1; i < wanted; ++i) helpers.emplace_back(work);
    work();
    helpers.clear();  // joins
    if (failure) std::rethrow_exception(failure);
}

/// The `limit` candidates of lowest rank, whatever order they come in.
class Shortlist {
public:
    Shortlist(std::size_t limit, std::optional<std::uint64_t> seed) : limit_(limit), seed_(seed) {}

    void offer(const ExpressionRecord& record, const Mask& mask) {
        if (limit_ == 0) return;
        const std::uint64_t rank = seed_ ? derive_seed(*seed_, record.score.index) : record.score.index;
        if (entries_.size() == limit_) {
            if (rank >= entries_.back().first) return;
            entries_.pop_back();
        }
        const auto place = std::ranges::upper_bound(entries_, rank, {}, &Entry::first);
        entries_.emplace(place, rank, KeptExample{record, mask.empty() ? Rle{} : encode(mask)});
    }

    std::vector<KeptExample> take() {
        std::vector<KeptExample> examples;
        for (Entry& entry : entries_) examples.push_back(std::move(entry.second));
        std::ranges::sort(examples, {}, [](const KeptExample& example) { return example.record.score.index; });
        return examples;
    }

private:
    using Entry = std::pair<std::uint64_t, KeptExample>;
    std::size_t limit_;
    std::optional<std::uint64_t> seed_;
    std::vector<Entry> entries_;  // by rising rank
};

ExpressionRecord make_record(std::size_t index, Example truth, const ScoredPrediction& scored) {
    ExpressionRecord record;
    record.score = {index, count_words(truth.expression), scored.has_mask, scored.canvas, scored.original};
    record.image_id = truth.image_id;
    record.ref_id = truth.ref_id;
    record.sentence_id = truth.sentence_id;
    record.expression = std::move(truth.expression);
    record.truth_px = truth.box_px;
    record.predicted_px = scored.box_px;
    return record;
}

/// Expressions in this process's share: every world-th batch from its rank on. Broken options are left to the loader.
std::size_t share_size(std::size_t size, const EvaluateOptions& options) {
    if (options.rank < 0 || options.world < 1 || options.rank >= options.world || options.batch_size == 0) return size;
    std::size_t share = 0;
    const std::size_t step = std::size_t(options.world) * options.batch_size;
    for (std::size_t first = std::size_t(options.rank) * options.batch_size; first < size; first += step) {
        share += std::min(options.batch_size, size - first);
    }
    return share;
}

}  // namespace

Evaluation evaluate(const Dataset& dataset, const Tokenizer& tokenizer, BatchPredictor& predictor,
                    const EvaluateOptions& options) {
    const double logit_threshold = logit_of(options.mask_threshold);
    const Clock::time_point start = Clock::now();
    Evaluation evaluation;
    const std::size_t total = share_size(dataset.size(), options);
    if (total == 0) return evaluation;  // a loader refuses an epoch without batches

    TruthKeeper truths(dataset);
    LoaderOptions loading;
    loading.batch_size = options.batch_size;
    loading.threads = options.threads;
    loading.rank = options.rank;
    loading.world = options.world;
    Loader loader(truths, tokenizer, options.prepare, std::nullopt, loading);
    Shortlist hits(options.keep, options.keep_seed), misses(options.keep, options.keep_seed);
    std::vector<Prediction> predictions;
    while (const std::optional<Batch> batch = loader.next()) {
        if (!batch->further.empty()) {
            fail(ErrorCode::unsupported, "{} has captions of several phrases, which can be trained on but not scored",
                 dataset.name());
        }
        const Clock::time_point predict_start = Clock::now();
        predictions.clear();
        predictor.predict(*batch, predictions);
        evaluation.predict_seconds += seconds_since(predict_start);
        if (predictions.size() != batch->count) {
            fail(ErrorCode::invalid_argument, "{} made {} predictions for a batch of {}", predictor.name(),
                 predictions.size(), batch->count);
        }
        std::vector<ExpressionRecord> records(batch->count);
        std::vector<Mask> masks(batch->count);
        for_each_row(batch->count, options.threads, [&](std::size_t row) {
            Example truth = truths.take(batch->indices[row]);
            ScoredPrediction scored;
            try {
                scored = score_prediction(predictions[row], truth.box_px, truth.mask, batch->placements[row],
                                          logit_threshold);
            } catch (const Error& error) {
                fail(error.code(), "expression {} (\"{}\"): {}", batch->indices[row], truth.expression, error.what());
            }
            records[row] = make_record(batch->indices[row], std::move(truth), scored);
            masks[row] = std::move(scored.mask);
        });
        for (std::size_t row = 0; row < batch->count; ++row) {
            evaluation.metrics.add(records[row].score);
            (records[row].hit() ? hits : misses).offer(records[row], masks[row]);
            evaluation.records.push_back(std::move(records[row]));
        }
        if (options.progress) options.progress(evaluation.records.size(), total);
    }
    evaluation.hits = hits.take();
    evaluation.misses = misses.take();
    evaluation.seconds = seconds_since(start);
    return evaluation;
}

}  // namespace vglaw
