// Runs a model over a data set, expression by expression, and collects its figures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vglaw/data/dataset.h"
#include "vglaw/data/prepare.h"
#include "vglaw/evaluate/metrics.h"
#include "vglaw/evaluate/prediction.h"
#include "vglaw/geometry/boxes.h"
#include "vglaw/geometry/masks.h"
#include "vglaw/text/tokenizer.h"

namespace vglaw {

struct EvaluateOptions {
    PrepareOptions prepare;        ///< canvas side, token limit, normalisation: the model's own
    std::size_t batch_size = 16;   ///< expressions a batch, at least 1; no figure depends on it
    int threads = 2;               ///< of the loader and of the scoring, 0 to 256; 0 does both in the caller's thread
    double mask_threshold = 0.35;  ///< a pixel is in the mask when its sigmoid exceeds it (model.md section 4)
    std::size_t keep = 16;         ///< hits, and as many misses, kept for the report
    std::optional<std::uint64_t> keep_seed;  ///< keep a random choice by this seed; without one, the first of the set
    int rank = 0, world = 1;                 ///< this process and their number: every world-th batch is its share
    std::function<void(std::size_t done, std::size_t total)> progress;  ///< expressions so far, after each batch
};

/// One expression, its prediction and its score.
struct ExpressionRecord {
    ExpressionScore score;
    std::int64_t image_id = 0, ref_id = 0, sentence_id = 0;
    std::string expression;
    BoxXyxy truth_px, predicted_px;  ///< pixels of the picture
    /// A hit is what Prec@0.5 counts: box IoU >= 0.5 on the canvas.
    [[nodiscard]] bool hit() const { return score.canvas.box_iou >= 0.5F; }
};

/// A prediction whose mask was kept, to be drawn.
struct KeptExample {
    ExpressionRecord record;
    Rle mask;  ///< predicted, at the picture's size; counts is empty when the model has no mask head
};

struct Evaluation {
    Metrics metrics;
    std::vector<ExpressionRecord> records;    ///< in the data set's order
    std::vector<KeptExample> hits, misses;    ///< in the data set's order, at most options.keep each
    double seconds = 0, predict_seconds = 0;  ///< wall clock, in all and inside the model
};

/// Every expression counts once. The figures do not depend on batch size, threads or sharding, as far as the model's
/// predictions do not. An empty data set gives an empty evaluation. Throws invalid_argument for options out of range or
/// a predictor that breaks its contract, and what the data set and the predictor throw.
///
///     Evaluation result = evaluate(dataset, tokenizer, predictor, {.prepare = {.size = 448}});
[[nodiscard]] Evaluation evaluate(const Dataset& dataset, const Tokenizer& tokenizer, BatchPredictor& predictor,
                                  const EvaluateOptions& options);

}  // namespace vglaw
