#include "vglaw/engine/text_encoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "vglaw/core/error.h"
#include "vglaw/engine/kernels.h"
#include "vglaw/engine/parallel.h"

namespace vglaw::engine {
namespace {

constexpr float layer_norm_eps = 1e-12f;  // BERT's own

/// Row `index` of a table in the mapped file; memcpy because a file's data need not be aligned.
void read_row(const TensorView& table, std::size_t index, std::size_t width, float* out) {
    const std::uint8_t* from = table.bytes.data() + index * width * size_of(table.dtype);
    switch (table.dtype) {
        case Dtype::f32:
            std::memcpy(out, from, width * sizeof(float));
            return;
        case Dtype::f16:
        case Dtype::bf16:
            for (std::size_t i = 0; i < width; ++i) {
                std::uint16_t bits = 0;
                std::memcpy(&bits, from + 2 * i, 2);
                out[i] = table.dtype == Dtype::f16 ? half_to_float(bits) : bfloat16_to_float(bits);
            }
            return;
        default:
            fail(ErrorCode::unsupported, "word embeddings of dtype {} cannot be read", name_of(table.dtype));
    }
}

}  // namespace

TextEncoder::TextEncoder(const TextWeights& weights, const TextConfig& config, int rows, int threads)
    : weights_(weights),
      config_(config),
      rows_(rows),
      threads_(threads),
      x_(std::size_t(rows) * std::size_t(config.hidden)),
      qkv_(3 * x_.size()),
      context_(x_.size()),
      hidden_(std::size_t(rows) * std::size_t(config.ffn)),
      scores_(std::size_t(threads) * round_up(std::size_t(config.max_positions), floats_a_line)) {
    for (const auto& layer : weights.layers) {
        Step step;
        step.qkv = Product(layer.qkv, rows, x_.data(), qkv_.data(), {});
        step.attention_output = Product(layer.attention_output, rows, context_.data(), x_.data(), {.add = true});
        step.intermediate = Product(layer.intermediate, rows, x_.data(), hidden_.data(), {.gelu = true});
        step.output = Product(layer.output, rows, hidden_.data(), x_.data(), {.add = true});
        steps_.push_back(std::move(step));
    }
}

std::size_t TextEncoder::bytes() const {
    return (x_.size() + qkv_.size() + context_.size() + hidden_.size() + scores_.size()) * sizeof(float);
}

void TextEncoder::embed(const std::int64_t* ids, int batch, int length) {
    const auto hidden = std::size_t(config_.hidden);
    if (length > config_.max_positions) {
        fail(ErrorCode::invalid_argument, "{} tokens, the model has {} positions", length, config_.max_positions);
    }
    for (std::size_t row = 0; row < std::size_t(batch) * std::size_t(length); ++row) {
        if (ids[row] < 0 || ids[row] >= config_.vocab_size) {
            fail(ErrorCode::invalid_argument, "token id {} is outside the vocabulary of {}", ids[row],
                 config_.vocab_size);
        }
        float* x = x_.data() + row * hidden;
        read_row(weights_.words, std::size_t(ids[row]), hidden, x);
        add_scaled(weights_.positions.data() + row % std::size_t(length) * hidden, 1.0f, x, hidden);
    }
}

void TextEncoder::norm(const Norm& norm) {
    const auto hidden = std::size_t(config_.hidden);
    parallel_for_runs(threads_, std::size_t(rows_), 16, [&](std::size_t begin, std::size_t end, int) {
        for (std::size_t row = begin; row < end; ++row) {
            float* x = x_.data() + row * hidden;
            layer_norm(x, norm.weight.data(), norm.bias.data(), layer_norm_eps, hidden, x);
        }
    });
}

void TextEncoder::attend(const std::uint8_t* token_mask, int batch, int length) {
    const auto hidden = std::size_t(config_.hidden), heads = std::size_t(config_.heads), head = hidden / heads,
               tokens = std::size_t(length);
    const float scale = 1 / std::sqrt(float(head));
    const std::size_t row_of_scores = scores_.size() / std::size_t(threads_);
    parallel_for(threads_, std::size_t(batch) * heads, [&](std::size_t item, int thread) {
        const std::size_t sample = item / heads, h = item % heads;
        const float* qkv = qkv_.data() + sample * tokens * 3 * hidden + h * head;
        const std::uint8_t* mask = token_mask + sample * tokens;
        float* scores = scores_.data() + std::size_t(thread) * row_of_scores;
        for (std::size_t i = 0; i < tokens; ++i) {
            // Padding gets no share: only the tokens that stand there are scored, side by side.
            std::size_t standing = 0;
            for (std::size_t j = 0; j < tokens; ++j) {
                if (mask[j])
                    scores[standing++] = scale * dot(qkv + i * 3 * hidden, qkv + j * 3 * hidden + hidden, head);
            }
            softmax(scores, standing);
            float* out = context_.data() + (sample * tokens + i) * hidden + h * head;
            std::fill_n(out, head, 0.0f);
            standing = 0;
            for (std::size_t j = 0; j < tokens; ++j) {
                if (mask[j]) add_scaled(qkv + j * 3 * hidden + 2 * hidden, scores[standing++], out, head);
            }
        }
    });
}

const float* TextEncoder::run(const std::int64_t* ids, const std::uint8_t* token_mask, int batch, int length) {
    embed(ids, batch, length);
    norm(weights_.norm);
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        steps_[i].qkv.run();
        attend(token_mask, batch, length);
        steps_[i].attention_output.run();
        norm(weights_.layers[i].attention_norm);
        steps_[i].intermediate.run();
        steps_[i].output.run();
        norm(weights_.layers[i].output_norm);
    }
    return x_.data();
}

}  // namespace vglaw::engine
