// Grounding in steps, for callers that put expressions about different pictures into one forward pass. Grounder is these
// steps for one picture.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "vglaw/geometry/boxes.h"
#include "vglaw/geometry/masks.h"
#include "vglaw/image/image.h"
#include "vglaw/image/letterbox.h"
#include "vglaw/model/bundle.h"
#include "vglaw/model/forward.h"
#include "vglaw/text/tokenizer.h"

namespace vglaw {

/// What to find: an expression, or one phrase of a caption.
struct GroundingQuery {
    std::string text;                ///< the expression, or the phrase
    std::vector<std::int64_t> ids;   ///< (L), of the expression, or of the whole caption
    std::vector<std::uint8_t> span;  ///< (L), 1 at the phrase's tokens; empty: the whole is meant
};

struct Grounding {
    std::string expression;
    BoxXyxy box_px;           ///< pixels of the picture, clipped to it
    Mask mask;                ///< at the picture's size, probability above mask_head.threshold
    double milliseconds = 0;  ///< this expression's share of tokenising, the forward pass and the mask's resize
};

/// Where the model looked and which words it heard.
struct Explanation {
    std::vector<std::string> tokens;     ///< [CLS], word pieces, [SEP]: L of them
    int grid = 0;                        ///< tokens along one side of the canvas
    std::vector<float> pool_attention;   ///< (grid, grid), sums to 1 over the canvas; empty for box_head.pool = max
    int depth = 0, groups = 0;           ///< depth: blocks that adapt; both 0 for law.kind = none
    std::vector<int> blocks;             ///< which those are, by index
    std::vector<float> token_attention;  ///< (depth, groups, L), sums to 1 over L
    Letterbox placement;                 ///< of the picture on the canvas
};

/// The longest expression or caption that is read: several hundred words; max_tokens cuts far below.
constexpr std::size_t longest_expression_bytes = 4096;

/// Immutable, so threads may share one.
class GroundingSteps {
public:
    explicit GroundingSteps(const ModelBundle& bundle);

    /// Throws invalid_argument for an expression that is empty, longer than longest_expression_bytes, or not UTF-8.
    [[nodiscard]] GroundingQuery query(const std::string& expression) const;
    /// The phrases in square brackets, in order. Throws invalid_argument as parse_caption does, and for a phrase behind
    /// the most tokens the text encoder reads.
    [[nodiscard]] std::vector<GroundingQuery> phrases(const std::string& caption) const;
    /// Whether the expression has more tokens than the text encoder reads, so that its end was not heard.
    [[nodiscard]] bool is_cut(const std::string& expression) const;

    /// Throws invalid_argument for an empty picture.
    [[nodiscard]] Letterbox place(const Image& image) const;
    /// (3, S, S), normalised, padded with 0.
    [[nodiscard]] std::vector<float> canvas(const Image& image, const Letterbox& placement) const;
    /// box_cxcywh (4) and mask_logits (S, S) of the network -> the answer in the picture's pixels. Throws corrupt_data
    /// when the box is not a number.
    [[nodiscard]] Grounding finish(const std::string& expression, const Letterbox& placement, const float* box_cxcywh,
                                   const float* mask_logits) const;
    /// pool_attention (h, w), empty when there is none; token_attention (adapted blocks, G, L') with L' >= L, what lies
    /// behind L being padding, empty when there is none.
    [[nodiscard]] Explanation explain(const GroundingQuery& query, const Letterbox& placement,
                                      std::span<const float> pool_attention,
                                      std::span<const float> token_attention) const;

    [[nodiscard]] const ModelConfig& config() const { return config_; }

private:
    ModelConfig config_;
    Tokenizer tokenizer_;
    Normalization normalization_;
};

/// Expressions of different lengths padded to the longest, as Forward takes them; reused from pass to pass.
class QueryBatch {
public:
    void clear();
    void add(const GroundingQuery& query) { queries_.push_back(&query); }  ///< borrowed until the pass is over
    /// `images`: (B, 3, S, S), or (3, S, S) when `one_image`. Valid until the next change of this object.
    [[nodiscard]] ForwardInput input(const float* images, bool one_image);

private:
    std::vector<const GroundingQuery*> queries_;
    std::vector<std::int64_t> ids_;
    std::vector<std::uint8_t> mask_, span_;
};

}  // namespace vglaw
