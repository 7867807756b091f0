// The two heads without LibTorch (model.md section 4).
#pragma once

#include "vglaw/engine/packed_model.h"

namespace vglaw::engine {

/// features: F_v of one sample (N, C); cls: F_l^1 (d_l). box_cxcywh: (4) in [0, 1] of the canvas. pool_attention: (N),
/// not written for box_head.pool = max. scratch: box_scratch(config) floats.
void predict_box(const BoxWeights& box, const ModelConfig& config, const float* features, const float* cls,
                 float* box_cxcywh, float* pool_attention, float* scratch);
[[nodiscard]] std::size_t box_scratch(const ModelConfig& config);

/// The second transposed convolution folded with the dot product by F_l^1: one (4, dim) matrix and an offset an
/// expression. Exact: nothing non-linear stands between them.
class MaskHead {
public:
    /// Plans for one sample's pixels at `features` (N, C), through `pixels` (N * 4 * dim), borrowed while it runs.
    MaskHead(const PackedModel& model, const float* features, float* pixels, int threads);
    /// cls: (d_l) -> logits (S, S)
    void run(const float* cls, float* logits);

private:
    const PackedModel& model_;
    int threads_;
    float* pixels_;
    Product expand_;
    Floats folded_, coarse_, share_, scratch_;  // (4, dim), (4h, 4w), the resize's shares, a row a thread
    std::size_t scratch_a_thread_;
    std::vector<int> left_;  // the resize's left neighbours
};

}  // namespace vglaw::engine
