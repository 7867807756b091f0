#include "vglaw/engine/heads.h"

#include <algorithm>
#include <cmath>

#include "vglaw/engine/kernels.h"
#include "vglaw/engine/parallel.h"

namespace vglaw::engine {
namespace {

constexpr float mask_norm_eps = 1e-6f;
constexpr std::size_t rows_a_task = 64;

/// out (rows) <- weight (rows, in) x + bias
void linear(const Floats& weight, const Floats& bias, const float* x, float* out, bool relu) {
    const std::size_t rows = bias.size(), in = weight.size() / rows;
    for (std::size_t i = 0; i < rows; ++i) {
        const float value = bias[i] + dot(weight.data() + i * in, x, in);
        out[i] = relu ? std::max(value, 0.0f) : value;
    }
}

/// Language-adaptive pooling. (W_q f + b_q)·(W_k x + b_k) = x·(W_k^T q) + q·b_k: the keys are never computed, and the
/// last term is the same for every position, so the softmax does not see it.
void attend_to(const BoxWeights& box, std::size_t tokens, std::size_t dim, const float* features, const float* cls,
               float* attention, float* query, float* looked_for) {
    linear(box.query, box.query_bias, cls, query, false);
    const std::size_t k = box.query_bias.size();
    std::fill_n(looked_for, dim, 0.0f);
    for (std::size_t i = 0; i < k; ++i) add_scaled(box.key.data() + i * dim, query[i], looked_for, dim);
    const float scale = 1 / std::sqrt(float(k));
    for (std::size_t i = 0; i < tokens; ++i) attention[i] = scale * dot(features + i * dim, looked_for, dim);
    softmax(attention, tokens);
}

/// For every pixel of a row of `size`, corners aligned, the left of the two source pixels and the right one's share.
void plan_resize(std::size_t from, std::size_t size, std::vector<int>& left, Floats& share) {
    left.resize(size);
    share = Floats(size);
    const double step = size > 1 ? double(from - 1) / double(size - 1) : 0.0;
    for (std::size_t i = 0; i < size; ++i) {
        const double at = step * double(i);
        const auto index = std::min(std::size_t(at), from - 1);
        left[i] = int(index);
        share[i] = index + 1 < from ? float(at - double(index)) : 0.0f;
    }
}

}  // namespace

std::size_t box_scratch(const ModelConfig& config) {
    return std::size_t(config.box_head.pool_dim) + 2 * std::size_t(config.vision.dim) +
           2 * std::size_t(config.box_head.hidden);
}

void predict_box(const BoxWeights& box, const ModelConfig& config, const float* features, const float* cls,
                 float* box_cxcywh, float* pool_attention, float* scratch) {
    const auto grid = std::size_t(config.vision.grid(config.image)), tokens = grid * grid,
               dim = std::size_t(config.vision.dim), hidden = std::size_t(config.box_head.hidden);
    float *query = scratch, *looked_for = query + config.box_head.pool_dim, *pooled = looked_for + dim,
          *first = pooled + dim, *second = first + hidden;
    if (config.box_head.pool == "max") {
        std::copy_n(features, dim, pooled);
        for (std::size_t i = 1; i < tokens; ++i) {
            for (std::size_t c = 0; c < dim; ++c) pooled[c] = std::max(pooled[c], features[i * dim + c]);
        }
    } else {
        if (config.box_head.pool == "lap") {
            attend_to(box, tokens, dim, features, cls, pool_attention, query, looked_for);
        } else {
            std::fill_n(pool_attention, tokens, 1 / float(tokens));
        }
        std::fill_n(pooled, dim, 0.0f);
        for (std::size_t i = 0; i < tokens; ++i) add_scaled(features + i * dim, pool_attention[i], pooled, dim);
    }
    linear(box.mlp[0], box.mlp_bias[0], pooled, first, true);
    linear(box.mlp[1], box.mlp_bias[1], first, second, true);
    linear(box.mlp[2], box.mlp_bias[2], second, box_cxcywh, false);
    for (int i = 0; i < 4; ++i) box_cxcywh[i] = 1 / (1 + std::exp(-box_cxcywh[i]));
}

MaskHead::MaskHead(const PackedModel& model, const float* features, float* pixels, int threads)
    : model_(model), threads_(threads), pixels_(pixels) {
    const auto& config = model.config();
    const auto grid = std::size_t(config.vision.grid(config.image)), dim = std::size_t(config.mask_head.dim);
    expand_ = Product(model.mask.up1, int(grid * grid), features, pixels, {});
    folded_ = Floats(4 * dim);
    coarse_ = Floats(16 * grid * grid + floats_a_line);  // the resize reads one pixel beyond, with a share of zero
    scratch_a_thread_ = round_up(dim, floats_a_line);
    scratch_ = Floats(std::size_t(threads) * scratch_a_thread_);
    plan_resize(4 * grid, std::size_t(config.image.size), left_, share_);
}

void MaskHead::run(const float* cls, float* logits) {
    const auto& config = model_.config();
    const MaskWeights& mask = model_.mask;
    const auto grid = std::size_t(config.vision.grid(config.image)), dim = std::size_t(config.mask_head.dim),
               hidden = std::size_t(config.text.hidden), size = std::size_t(config.image.size), wide = 4 * grid;
    expand_.run();
    parallel_for_runs(threads_, 4 * dim, rows_a_task, [&](std::size_t begin, std::size_t end, int) {
        for (std::size_t i = begin; i < end; ++i) folded_[i] = dot(mask.up2.data() + i * hidden, cls, hidden);
    });
    const float offset = dot(mask.up2_bias.data(), cls, hidden);
    // Every token becomes 2 x 2 pixels (dy1, dx1), each of them 2 x 2 again (dy2, dx2).
    parallel_for_runs(threads_, grid * grid, rows_a_task, [&](std::size_t begin, std::size_t end, int thread) {
        float* scratch = scratch_.data() + std::size_t(thread) * scratch_a_thread_;
        for (std::size_t token = begin; token < end; ++token) {
            const std::size_t top = 4 * (token / grid), left = 4 * (token % grid);
            for (std::size_t p = 0; p < 4; ++p) {
                float out[4];
                norm_gelu_dot4(pixels_ + (token * 4 + p) * dim, mask.norm.weight.data(), mask.norm.bias.data(),
                               mask_norm_eps, dim, folded_.data(), dim, offset, scratch, out);
                for (std::size_t q = 0; q < 4; ++q)
                    coarse_[(top + 2 * (p / 2) + q / 2) * wide + left + 2 * (p % 2) + q % 2] = out[q];
            }
        }
    });
    parallel_for_runs(threads_, size, rows_a_task, [&](std::size_t begin, std::size_t end, int) {
        for (std::size_t y = begin; y < end; ++y) {
            const float* upper = coarse_.data() + std::size_t(left_[y]) * wide;
            const float* lower = std::size_t(left_[y]) + 1 < wide ? upper + wide : upper;
            blend_rows(upper, lower, share_[y], left_.data(), share_.data(), size, logits + y * size);
        }
    });
}

}  // namespace vglaw::engine
