#include "vglaw/engine/weight_generation.h"

#include <algorithm>
#include <cmath>

#include "vglaw/engine/kernels.h"
#include "vglaw/engine/parallel.h"

namespace vglaw::engine {
namespace {

constexpr float layer_norm_eps = 1e-5f;

std::size_t reduced_width(const ModelConfig& config) {
    return std::size_t(config.text.hidden) / std::size_t(config.law.reduction);
}

/// h0: (d_l): for each group of channels the words' mean, weighted by how well they answer the block's question.
void aggregate(const float* ask, const ModelConfig& config, const float* words, const std::uint8_t* mask, int length,
               float* h0, float* attention, float* scores) {
    const auto hidden = std::size_t(config.text.hidden), groups = std::size_t(config.law.groups),
               width = hidden / groups, tokens = std::size_t(length);
    const float scale = config.law.scale_scores ? 1 / std::sqrt(float(width)) : 1.0f;
    for (std::size_t g = 0; g < groups; ++g) {
        std::size_t standing = 0;
        for (std::size_t j = 0; j < tokens; ++j) {
            if (mask[j]) scores[standing++] = scale * dot(ask + g * width, words + j * hidden + g * width, width);
        }
        softmax(scores, standing);
        std::fill_n(h0 + g * width, width, 0.0f);
        standing = 0;
        for (std::size_t j = 0; j < tokens; ++j) {
            const float share = mask[j] ? scores[standing++] : 0.0f;
            if (attention != nullptr) attention[g * tokens + j] = share;
            if (mask[j]) add_scaled(words + j * hidden + g * width, share, h0 + g * width, width);
        }
    }
}

}  // namespace

std::size_t weight_generation_scratch(const ModelConfig& config, int length) {
    return round_up(std::size_t(config.text.hidden) + reduced_width(config) + std::size_t(length), floats_a_line);
}

void generate_weights(const LawWeights& law, const ModelConfig& config, const float* words, const std::uint8_t* mask,
                      int length, float* phi, float* token_attention, float* scratch, int threads) {
    const auto hidden = std::size_t(config.text.hidden), reduced = reduced_width(config),
               rank = std::size_t(config.law.rank);
    parallel_for(threads, law.blocks.size(), [&](std::size_t block, int thread) {
        const Condition& condition = law.blocks[block];
        float* h0 = scratch + std::size_t(thread) * weight_generation_scratch(config, length);
        float *h1 = h0 + hidden, *scores = h1 + reduced;
        float* attention = token_attention == nullptr
                               ? nullptr
                               : token_attention + block * std::size_t(config.law.groups) * std::size_t(length);
        aggregate(law.layer_embedding.data() + block * hidden, config, words, mask, length, h0, attention, scores);
        for (std::size_t i = 0; i < reduced; ++i)
            h1[i] = condition.reduce_bias[i] + dot(condition.reduce.data() + i * hidden, h0, hidden);
        if (config.law.norm)
            layer_norm(h1, condition.norm.weight.data(), condition.norm.bias.data(), layer_norm_eps, reduced, h1);
        gelu(h1, reduced);
        float* out = phi + block * rank * rank;
        for (std::size_t i = 0; i < rank * rank; ++i)
            out[i] = condition.generate_bias[i] + dot(condition.generate.data() + i * reduced, h1, reduced);
    });
}

}  // namespace vglaw::engine
