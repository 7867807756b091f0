#include "vglaw/evaluate/forward_predictor.h"

namespace vglaw {

void ForwardPredictor::predict(const Batch& batch, std::vector<Prediction>& out) {
    ForwardInput input;
    input.batch = static_cast<int>(batch.count);
    input.tokens = static_cast<int>(batch.length);
    input.images = batch.images.data();
    input.ids = batch.ids.data();
    input.token_mask = batch.token_mask.data();
    if (!batch.span_mask.empty()) input.span_mask = batch.span_mask.data();
    forward_.run(input, output_);

    const std::size_t pixels = std::size_t(batch.size) * std::size_t(batch.size);
    out.resize(batch.count);
    for (std::size_t b = 0; b < batch.count; ++b) {
        const float* box = output_.boxes_cxcywh.data() + 4 * b;
        out[b] = {{box[0], box[1], box[2], box[3]}, output_.mask_logits.data() + b * pixels};
    }
}

}  // namespace vglaw
