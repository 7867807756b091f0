// A loader's batch as tensors, micro-batch by micro-batch.
#pragma once

#include <cstdint>
#include <vector>

#include "vglaw/data/sample.h"
#include "vglaw/net/torch.h"

namespace vglaw::train {

/// Rows of a batch on the training's device: B samples with R >= B phrases.
struct MicroBatch {
    torch::Tensor images;      ///< (B, 3, S, S) float
    torch::Tensor ids;         ///< (B, L) int64
    torch::Tensor token_mask;  ///< (B, L) bool
    torch::Tensor span_mask;   ///< (R, L) bool; undefined when no sample is a caption
    torch::Tensor boxes;       ///< (R, 4) float, cxcywh
    torch::Tensor masks;       ///< (R, S, S) float; undefined without any
    torch::Tensor labels;      ///< (R, h w, 3) int64; undefined without any
    torch::Tensor owner;       ///< (R) int64: whose phrase a row is; undefined when each sample has one
};

/// On `device`: a GPU is sent a copy through pinned memory, beside what is still computed there; on the CPU as it is.
[[nodiscard]] torch::Tensor moved(const torch::Tensor& tensor, const torch::Device& device);

/// Views into a batch, which must outlive this; only rows() converts and copies, so that no more is held than is used.
class BatchTensors {
public:
    explicit BatchTensors(const Batch& batch);
    [[nodiscard]] MicroBatch rows(std::int64_t first, std::int64_t count, const torch::Device& device) const;
    /// Cells of the label grids that show an object, a picture's for each of its phrases; 0 without labels.
    [[nodiscard]] std::int64_t seen_cells() const;

private:
    torch::Tensor images_, ids_, token_mask_, span_mask_, boxes_, masks_, labels_;
    std::vector<std::int64_t> further_;  // as Batch::further
};

}  // namespace vglaw::train
