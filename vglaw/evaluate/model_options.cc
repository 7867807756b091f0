#include "vglaw/evaluate/model_options.h"

namespace vglaw {

PrepareOptions prepare_options(const ModelConfig& model) {
    PrepareOptions options;
    options.size = model.image.size;
    options.max_tokens = model.text.max_tokens;
    for (std::size_t i = 0; i < 3; ++i) {
        options.normalization.mean[i] = float(model.image.mean[i]);
        options.normalization.std[i] = float(model.image.std[i]);
    }
    return options;
}

EvaluateOptions evaluate_options(const ModelConfig& model) {
    EvaluateOptions options;
    options.prepare = prepare_options(model);
    options.mask_threshold = model.mask_head.threshold;
    return options;
}

}  // namespace vglaw
