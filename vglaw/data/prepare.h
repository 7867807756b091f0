// From an example to a sample: augment, letterbox, normalise, tokenise.
#pragma once

#include "vglaw/core/rng.h"
#include "vglaw/data/augment.h"
#include "vglaw/data/dataset.h"
#include "vglaw/data/sample.h"
#include "vglaw/text/tokenizer.h"

namespace vglaw {

struct PrepareOptions {
    int size = 448;                 ///< canvas side in pixels, 1 to 8192
    int max_tokens = 40;            ///< ids in all, [CLS] and [SEP] included, at least 2
    Normalization normalization{};  ///< per channel, RGB in [0, 1]
    int label_grid = 0;             ///< cells a side for which Sample::labels is filled; 0: it stays empty
};

/// Without augmentation (nullptr) the picture is centred and `rng` is not used: the evaluation's frame.
/// Throws invalid_argument for options out of range, corrupt_data for an example that contradicts itself (an empty
/// picture, a mask of another size, a box that is not a number, has no area or lies outside), and what the tokenizer
/// throws.
[[nodiscard]] Sample prepare(Example example, const Tokenizer& tokenizer, const PrepareOptions& options,
                             const Augmentation* augmentation, Rng& rng);

}  // namespace vglaw
