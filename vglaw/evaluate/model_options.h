// How a model wants its input prepared and its output read: from its config to options, for the trainer and for `eval`.
#pragma once

#include "vglaw/data/prepare.h"
#include "vglaw/evaluate/evaluator.h"
#include "vglaw/model/config.h"

namespace vglaw {

/// The model's canvas side, token limit and normalisation.
[[nodiscard]] PrepareOptions prepare_options(const ModelConfig& model);
/// The same and the model's mask threshold; everything else has its default.
[[nodiscard]] EvaluateOptions evaluate_options(const ModelConfig& model);

}  // namespace vglaw
