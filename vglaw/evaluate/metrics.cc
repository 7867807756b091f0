#include "vglaw/evaluate/metrics.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

constexpr double kIouUnit = double(std::uint64_t{1} << 40);
constexpr std::size_t kThresholds = kPrecisionTenths.size();

// One tally is 16 counters; two frames of kLengthBuckets tallies make up Metrics.
enum Counter : std::size_t {
    kExpressions = 0,
    kMasked = 1,
    kBoxIou = 2,
    kMaskIou = 3,
    kIntersection = 4,
    kUnion = 5,
    kBoxHits = 6,
    kMaskHits = kBoxHits + kThresholds,
    kTally = kMaskHits + kThresholds,
};
static_assert(kTally * 2 * kLengthBuckets == Metrics::kCounters);

std::size_t tally_offset(Frame frame, std::size_t bucket) {
    return (static_cast<std::size_t>(frame) * kLengthBuckets + bucket) * kTally;
}

std::uint64_t to_fixed(double iou) { return static_cast<std::uint64_t>(std::llround(iou * kIouUnit)); }

/// Compared in the precision the IoU came in: the float nearest to 7/10 is below the double 0.7, yet it is a hit.
bool box_hit(float iou, int tenths) { return iou >= float(tenths) / 10.0F; }

/// In integers, so that no rounding decides about I / U = 0.7.
bool mask_hit(const Overlap& mask, int tenths) {
    return mask.union_ > 0 && 10 * std::uint64_t(mask.intersection) >= std::uint64_t(tenths) * mask.union_;
}

void check(const ExpressionScore& score) {
    for (const Frame frame : kFrames) {
        const FrameScore& at = score.in(frame);
        if (!(at.box_iou >= 0.0F && at.box_iou <= 1.0F)) {
            fail(ErrorCode::invalid_argument, "box IoU {} of expression {} ({} frame) is outside [0, 1]", at.box_iou,
                 score.index, to_string(frame));
        }
        if (score.has_mask && at.mask.intersection > at.mask.union_) {
            fail(ErrorCode::invalid_argument, "mask of expression {} ({} frame): intersection {} exceeds union {}",
                 score.index, to_string(frame), at.mask.intersection, at.mask.union_);
        }
    }
}

Figures to_figures(std::span<const std::uint64_t, kTally> tally) {
    Figures figures;
    figures.expressions = tally[kExpressions];
    if (tally[kExpressions] > 0) {
        const double count = double(tally[kExpressions]);
        RecFigures& rec = figures.rec.emplace();
        rec.mean_iou = double(tally[kBoxIou]) / kIouUnit / count;
        for (std::size_t i = 0; i < kThresholds; ++i) rec.precision[i] = double(tally[kBoxHits + i]) / count;
    }
    if (tally[kMasked] > 0) {
        const double count = double(tally[kMasked]);
        ResFigures& res = figures.res.emplace();
        res.expressions = tally[kMasked];
        res.miou = double(tally[kMaskIou]) / kIouUnit / count;
        res.oiou = tally[kUnion] == 0 ? 0.0 : double(tally[kIntersection]) / double(tally[kUnion]);
        for (std::size_t i = 0; i < kThresholds; ++i) res.precision[i] = double(tally[kMaskHits + i]) / count;
    }
    return figures;
}

}  // namespace

std::string_view to_string(Frame frame) { return frame == Frame::canvas ? "canvas" : "original"; }

std::size_t length_bucket(int words) { return words <= 5 ? 0 : words <= 7 ? 1 : words <= 10 ? 2 : 3; }

std::string_view length_bucket_name(std::size_t bucket) {
    static constexpr std::array<std::string_view, kLengthBuckets> names = {"1-5", "6-7", "8-10", "11+"};
    if (bucket >= names.size()) {
        fail(ErrorCode::invalid_argument, "length bucket {} does not exist; there are {}", bucket, names.size());
    }
    return names[bucket];
}

int count_words(std::string_view expression) {
    int words = 0;
    bool inside = false;
    for (const char c : expression) {
        const bool space = c == ' ' || (c >= '\t' && c <= '\r');
        words += !space && !inside ? 1 : 0;
        inside = !space;
    }
    return words;
}

double mask_iou(const Overlap& overlap) {
    return overlap.union_ == 0 ? 0.0 : double(overlap.intersection) / double(overlap.union_);
}

void Metrics::add(const ExpressionScore& score) {
    check(score);  // before the first counter moves: a refused score leaves no trace
    for (const Frame frame : kFrames) {
        const FrameScore& at = score.in(frame);
        std::uint64_t* tally = counters_.data() + tally_offset(frame, length_bucket(score.words));
        tally[kExpressions] += 1;
        tally[kBoxIou] += to_fixed(double(at.box_iou));
        for (std::size_t i = 0; i < kThresholds; ++i) {
            tally[kBoxHits + i] += box_hit(at.box_iou, kPrecisionTenths[i]) ? 1 : 0;
        }
        if (!score.has_mask) continue;
        tally[kMasked] += 1;
        tally[kMaskIou] += to_fixed(mask_iou(at.mask));
        tally[kIntersection] += at.mask.intersection;
        tally[kUnion] += at.mask.union_;
        for (std::size_t i = 0; i < kThresholds; ++i) {
            tally[kMaskHits + i] += mask_hit(at.mask, kPrecisionTenths[i]) ? 1 : 0;
        }
    }
}

void Metrics::merge(const Metrics& other) {
    std::transform(counters_.begin(), counters_.end(), other.counters_.begin(), counters_.begin(), std::plus<>{});
}

std::size_t Metrics::expressions() const { return figures(Frame::canvas).expressions; }

Figures Metrics::figures(Frame frame) const {
    std::array<std::uint64_t, kTally> sum{};
    for (std::size_t bucket = 0; bucket < kLengthBuckets; ++bucket) {
        for (std::size_t i = 0; i < kTally; ++i) sum[i] += counters_[tally_offset(frame, bucket) + i];
    }
    return to_figures(sum);
}

Figures Metrics::figures(Frame frame, std::size_t bucket) const {
    if (bucket >= kLengthBuckets) {
        fail(ErrorCode::invalid_argument, "length bucket {} does not exist; there are {}", bucket, kLengthBuckets);
    }
    return to_figures(std::span<const std::uint64_t, kTally>(counters_.data() + tally_offset(frame, bucket), kTally));
}

Metrics Metrics::from_counters(std::span<const std::uint64_t> counters) {
    if (counters.size() != kCounters) {
        fail(ErrorCode::invalid_argument, "metrics have {} counters, got {}", kCounters, counters.size());
    }
    Metrics metrics;
    std::copy(counters.begin(), counters.end(), metrics.counters_.begin());
    return metrics;
}

}  // namespace vglaw
