// What the network eats: one prepared example, and a batch of them in contiguous arrays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "vglaw/geometry/boxes.h"
#include "vglaw/image/letterbox.h"

namespace vglaw {

/// A caption's phrase behind its first one.
struct FurtherPhrase {
    std::vector<std::uint8_t> span;  ///< [L], 1 at its pieces
    BoxCxcywh box;
    std::vector<std::uint8_t> mask;  ///< [S, S]; empty when the set has no masks
};

/// One example on the canvas of side S, as training and evaluation both use it (model.md section 6).
struct Sample {
    std::vector<float> image;         ///< [3, S, S], normalised RGB, zeros in the padding
    std::vector<std::int64_t> ids;    ///< [L], [CLS] pieces [SEP], not padded
    std::vector<std::uint8_t> span;   ///< [L], 1 at the pieces of the phrase meant; empty: the whole expression is
    BoxCxcywh box;                    ///< ground truth in units of the canvas, not clamped
    std::vector<std::uint8_t> mask;   ///< [S, S] of 0 and 1; empty when the set has no masks
    std::vector<FurtherPhrase> more;  ///< of a caption with several phrases, beside the one above
    std::vector<std::int8_t> labels;  ///< [g, g, 3] shape, colour, size at each cell's centre, -1 background; or empty
    Letterbox placement;              ///< where the picture lies on the canvas
    std::size_t index = 0;            ///< of the example in its data set
};

/// B samples with B + E phrases. Row b < B of every array belongs to example indices[b]; row B + e of what a phrase has
/// of its own to a further phrase of the caption of sample further[e].
struct Batch {
    std::size_t count = 0;                 ///< B
    int size = 0;                          ///< S, canvas side in pixels
    std::size_t length = 0;                ///< L, ids of the longest expression
    std::vector<float> images;             ///< [B, 3, S, S]
    std::vector<std::int64_t> ids;         ///< [B, L], 0 ([PAD]) after [SEP]
    std::vector<std::uint8_t> token_mask;  ///< [B, L], 1 where `ids` is a token
    std::vector<std::uint8_t> span_mask;   ///< [B + E, L], rows of 0 mean the whole; empty when no sample has a span
    std::vector<float> boxes;              ///< [B + E, 4], cx, cy, w, h in units of the canvas
    bool has_masks = false;                ///< every sample came with a mask
    std::vector<std::uint8_t> masks;       ///< [B + E, S, S] of 0 and 1; empty without masks
    std::vector<std::int8_t> labels;       ///< [B, g, g, 3]; empty unless every sample has labels
    std::vector<std::size_t> further;      ///< [E], rising; empty but for captions with several phrases
    std::vector<std::size_t> indices;      ///< [B]
    std::vector<Letterbox> placements;     ///< [B]

    [[nodiscard]] std::size_t phrases() const { return count + further.size(); }
};

/// Fills a batch row by row. put() may run in several threads at once when their rows differ, so that the copies into
/// the big arrays are made by the threads that made the samples.
class BatchBuilder {
public:
    /// Throws invalid_argument when count or size is not positive.
    BatchBuilder(std::size_t count, int size);
    /// Throws invalid_argument when the row is outside the batch or the sample's arrays do not fit the canvas.
    void put(std::size_t row, Sample sample);
    /// Pads the ids. To be called once, after every row was put; throws invalid_argument when only some have masks.
    [[nodiscard]] Batch finish();

private:
    Batch batch_;
    std::vector<std::vector<std::int64_t>> ids_;
    std::vector<std::vector<std::uint8_t>> spans_;
    std::vector<std::vector<std::int8_t>> labels_;
    std::vector<std::vector<FurtherPhrase>> more_;
    std::vector<std::uint8_t> masked_;
};

/// The same at one go: samples of one canvas size, at least one.
[[nodiscard]] Batch collate(std::span<const Sample> samples);

}  // namespace vglaw
