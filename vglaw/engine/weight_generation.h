// From the words to every block's Phi, without LibTorch (model.md section 2).
#pragma once

#include <cstdint>

#include "vglaw/engine/packed_model.h"

namespace vglaw::engine {

/// Floats of scratch that generate_weights needs for each thread.
[[nodiscard]] std::size_t weight_generation_scratch(const ModelConfig& config, int length);

/// words: F_l of one expression (length, d_l); mask: (length). phi: (depth, d_w, d_w). token_attention: (depth, G,
/// length), zero at padding, or null. scratch: a part for each thread.
void generate_weights(const LawWeights& law, const ModelConfig& config, const float* words, const std::uint8_t* mask,
                      int length, float* phi, float* token_attention, float* scratch, int threads);

}  // namespace vglaw::engine
