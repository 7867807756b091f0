// What every source of training and evaluation data looks like: size() and get(i). Readers, caches and subsets all are
// one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vglaw/data/label_map.h"
#include "vglaw/geometry/boxes.h"
#include "vglaw/geometry/masks.h"
#include "vglaw/image/image.h"

namespace vglaw {

/// What one phrase means.
struct Target {
    BoxXyxy box_px;  ///< pixels of the picture
    Mask mask;       ///< at the picture's size; empty() when the set has no masks
};

/// One referring expression, or one caption of several, with its picture and its target.
struct Example {
    Image image;
    std::string expression;     ///< UTF-8, as people wrote it (the set's cleaned `sent` where there is one)
    bool is_caption = false;    ///< `expression` is a caption that marks what is meant: "a cube and [the red ball]"
    BoxXyxy box_px;             ///< ground truth, pixels of `image`
    Mask mask;                  ///< ground truth at the picture's size; empty() when the set has no masks
    std::vector<Target> more;   ///< of a caption's second marked phrase and those behind it, in their order
    LabelMap labels;            ///< of the whole picture; empty() when the set has none
    std::int64_t image_id = 0;  ///< the data set's own ids, for reports
    std::int64_t ref_id = 0;
    std::int64_t sentence_id = 0;
};

/// Immutable and safe to read from many threads. get(i) is deterministic: the same i gives the same example.
class Dataset {
public:
    virtual ~Dataset() = default;
    [[nodiscard]] virtual std::size_t size() const = 0;
    [[nodiscard]] virtual Example get(std::size_t index) const = 0;
    [[nodiscard]] virtual bool has_masks() const { return true; }
    /// Of Example::labels; nothing when the set has none (all but generated scenes).
    [[nodiscard]] virtual std::optional<LabelClasses> label_classes() const { return std::nullopt; }
    [[nodiscard]] virtual std::string name() const = 0;
};

}  // namespace vglaw
