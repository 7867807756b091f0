// REC and RES figures as pure accumulators: scores of single expressions in, Prec@X, mIoU and oIoU out (model.md
// section 7).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "vglaw/geometry/masks.h"

namespace vglaw {

/// X of Prec@X, as an exact fraction of ten: a hit is IoU >= kPrecisionTenths[i] / 10.
inline constexpr std::array<int, 5> kPrecisionTenths = {5, 6, 7, 8, 9};

/// Where IoU is measured. Papers differ, and mask figures differ with it, so a figure always names its frame.
enum class Frame { canvas, original };  ///< the padded square the network sees; the picture at its own resolution
inline constexpr std::array<Frame, 2> kFrames = {Frame::canvas, Frame::original};
[[nodiscard]] std::string_view to_string(Frame frame);

/// Expression lengths as RefCOCOg is usually broken down: 1-5, 6-7, 8-10 and 11 or more words.
inline constexpr std::size_t kLengthBuckets = 4;
[[nodiscard]] std::size_t length_bucket(int words);                     ///< 0 and fewer words count as short
[[nodiscard]] std::string_view length_bucket_name(std::size_t bucket);  ///< "1-5", "6-7", "8-10", "11+"
/// Words are what stands between ASCII white space.
[[nodiscard]] int count_words(std::string_view expression);

/// Intersection over union in [0, 1]; 0 when the union is empty (prediction and ground truth both without a pixel).
[[nodiscard]] double mask_iou(const Overlap& overlap);

/// One expression in one frame.
struct FrameScore {
    float box_iou = 0;  ///< [0, 1]
    Overlap mask;       ///< pixels of the frame; ignored when the expression has no ground-truth mask
};

/// One expression, scored.
struct ExpressionScore {
    std::size_t index = 0;  ///< position in the data set
    int words = 0;
    bool has_mask = false;
    FrameScore canvas, original;
    [[nodiscard]] const FrameScore& in(Frame frame) const { return frame == Frame::canvas ? canvas : original; }
};

/// Figures of a set of expressions in one frame, fractions in [0, 1].
struct RecFigures {
    std::array<double, kPrecisionTenths.size()> precision{};  ///< Prec@0.5 ... Prec@0.9
    double mean_iou = 0;                                      ///< of boxes
};
struct ResFigures {
    std::size_t expressions = 0;  ///< those that have a ground-truth mask
    double miou = 0;              ///< mean over expressions of I / U
    double oiou = 0;              ///< sum of I / sum of U
    std::array<double, kPrecisionTenths.size()> precision{};
};
struct Figures {
    std::size_t expressions = 0;
    std::optional<RecFigures> rec;  ///< absent when there is no expression: a figure of nothing is not 0
    std::optional<ResFigures> res;  ///< absent when no expression has a mask
};

/// Sums over expressions. Integers throughout (IoUs in steps of 2^-40, so up to 2^23 expressions), hence exact: any
/// order of adding and any split into shards gives the same figures to the last bit.
///
///     Metrics metrics;
///     metrics.add(score);
///     double accuracy = metrics.figures(Frame::canvas).rec->precision[0];  // Prec@0.5
class Metrics {
public:
    /// Throws invalid_argument when a box IoU is outside [0, 1] or not a number, or an intersection exceeds its union.
    void add(const ExpressionScore& score);
    /// Adds what another shard has seen.
    void merge(const Metrics& other);

    [[nodiscard]] std::size_t expressions() const;
    [[nodiscard]] Figures figures(Frame frame) const;
    [[nodiscard]] Figures figures(Frame frame, std::size_t bucket) const;  ///< of one length bucket

    /// The sums as one flat array, so that processes can add theirs by an all-reduce; the layout is private.
    static constexpr std::size_t kCounters = 2 * kLengthBuckets * 16;
    [[nodiscard]] std::span<const std::uint64_t, kCounters> counters() const { return counters_; }
    static Metrics from_counters(std::span<const std::uint64_t> counters);

    friend bool operator==(const Metrics&, const Metrics&) = default;

private:
    std::array<std::uint64_t, kCounters> counters_{};
};

}  // namespace vglaw
