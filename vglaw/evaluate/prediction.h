// What an evaluation needs of a model: a box and mask logits for every row of a batch.
#pragma once

#include <string>
#include <vector>

#include "vglaw/data/sample.h"
#include "vglaw/geometry/boxes.h"

namespace vglaw {

/// The network's answer to one expression, in units of the padded canvas of side S.
struct Prediction {
    BoxCxcywh box;                       ///< [0, 1] of the canvas
    const float* mask_logits = nullptr;  ///< [S, S] before the sigmoid; nullptr from a model without a mask head
};

/// A model that grounds whole batches: LibTorch's network, the engine, or a test's stand-in.
class BatchPredictor {
public:
    virtual ~BatchPredictor() = default;
    /// Fills `out` with batch.count predictions, row by row. Their mask_logits stay valid until the next call.
    virtual void predict(const Batch& batch, std::vector<Prediction>& out) = 0;
    /// For reports, for example "engine fp32".
    [[nodiscard]] virtual std::string name() const = 0;
};

}  // namespace vglaw
