#include "vglaw/engine/visual_encoder.h"

#include <algorithm>

#include "vglaw/engine/kernels.h"
#include "vglaw/engine/parallel.h"

namespace vglaw::engine {
namespace {

constexpr float layer_norm_eps = 1e-6f;  // ViTDet's
constexpr std::size_t rows_a_task = 32;

/// Bytes from a row of codes to the next: whole cache lines.
std::size_t code_stride(std::size_t count) { return round_up(count, alignment_bytes); }

std::size_t scratch_for_a_thread(const PackedModel& model) {
    const auto& config = model.config();
    const int head_dim = config.vision.dim / config.vision.heads;
    const auto rank = std::size_t(config.law.rank);
    std::size_t floats = round_up(rank * rank, floats_a_line);
    for (const auto& block : model.vision.blocks) floats = std::max(floats, attention_scratch(block.window, head_dim));
    return floats;
}

}  // namespace

VisualEncoder::VisualEncoder(const PackedModel& model, int samples, int threads)
    : model_(model), samples_(samples), threads_(threads), scratch_a_thread_(scratch_for_a_thread(model)) {
    const auto& config = model.config();
    const auto grid = std::size_t(config.vision.grid(config.image)), patch = std::size_t(config.vision.patch);
    tokens_ = grid * grid;
    dim_ = std::size_t(config.vision.dim);
    rank_ = config.law.active() ? std::size_t(config.law.rank) : 0;
    adapted_ = dim_ + rank_;
    const std::size_t rows = std::size_t(samples) * tokens_, hidden = std::size_t(config.vision.mlp_hidden()),
                      pixels = 3 * patch * patch;
    x_ = Floats(rows * dim_);
    normed_ = Floats(rows * adapted_);
    wide_ = Floats(rows * std::max({3 * dim_, hidden, pixels, 4 * std::size_t(config.mask_head.dim)}));
    attended_ = Floats(rows * dim_);
    asked_ = Floats(rows * rank_);
    scratch_ = Floats(std::size_t(threads) * scratch_a_thread_);

    const int M = int(rows);
    patches_ = Product(model.vision.patches, M, wide_.data(), x_.data(), {.add = true});
    patches_of_one_ = Product(model.vision.patches, int(tokens_), wide_.data(), x_.data(), {.add = true});
    if (rank_ > 0) Q_ = Product(model.law.Q, M, normed_.data(), asked_.data(), {});
    if (coded()) {
        codes_.bytes = Floats(rows * code_stride(std::max(dim_, hidden)) / sizeof(float));
        codes_.step = Floats(rows);
        codes_.low = Floats(rows);
        return;
    }
    for (const auto& block : model.vision.blocks) {
        Step step;
        step.qkv = Product(block.qkv.floats, M, normed_.data(), wide_.data(), {});
        step.proj = Product(block.proj.floats, M, attended_.data(), x_.data(), {.add = true});
        step.fc1 = Product(block.fc1.floats, M, normed_.data(), wide_.data(), {.gelu = true});
        step.fc2 = Product(block.fc2.floats, M, wide_.data(), x_.data(), {.add = true});
        steps_.push_back(std::move(step));
    }
}

std::size_t VisualEncoder::bytes() const {
    return (x_.size() + normed_.size() + wide_.size() + attended_.size() + asked_.size() + codes_.bytes.size() +
            codes_.step.size() + codes_.low.size() + scratch_.size()) *
           sizeof(float);
}

double VisualEncoder::operations() const {
    const auto rows = double(samples_) * double(tokens_);
    double sum = patches_.operations();
    for (const auto& block : model_.vision.blocks) {
        sum += Q_.operations();
        for (const BlockLinear* layer : {&block.qkv, &block.proj, &block.fc1, &block.fc2})
            sum += 2 * rows * layer->in() * layer->out();
    }
    return sum;
}

/// (count, 3, S, S) -> wide_ (count * N, 3 * patch * patch): the patch convolution becomes a product.
void VisualEncoder::cut_patches(const float* images, std::size_t count) {
    const auto& config = model_.config();
    const auto grid = std::size_t(config.vision.grid(config.image)), patch = std::size_t(config.vision.patch),
               size = std::size_t(config.image.size);
    parallel_for(threads_, count * grid, [&](std::size_t item, int) {
        const std::size_t sample = item / grid, row = item % grid;
        const float* image = images + sample * 3 * size * size;
        for (std::size_t column = 0; column < grid; ++column) {
            float* to = wide_.data() + ((sample * grid + row) * grid + column) * 3 * patch * patch;
            for (std::size_t channel = 0; channel < 3; ++channel) {
                for (std::size_t y = 0; y < patch; ++y) {
                    const float* from = image + (channel * size + row * patch + y) * size + column * patch;
                    to = std::copy_n(from, patch, to);
                }
            }
        }
    });
}

void VisualEncoder::code(std::size_t row, const float* x, std::size_t count) {
    const std::size_t stride = code_stride(count);
    auto* const bytes = reinterpret_cast<std::uint8_t*>(codes_.bytes.data());
    code_row(x, count, stride, bytes + row * stride, &codes_.step[row], &codes_.low[row]);
}

/// x: (rows, count)
void VisualEncoder::code_rows(const float* x, std::size_t count) {
    parallel_for_runs(threads_, std::size_t(samples_) * tokens_, rows_a_task,
                      [&](std::size_t begin, std::size_t end, int) {
                          for (std::size_t row = begin; row < end; ++row) code(row, x + row * count, count);
                      });
}

/// y <- layer of what is in codes_ and, for what stays float beside it, of normed_'s last d_w columns.
void VisualEncoder::multiply_codes(const Int8Linear& layer, float* y, Epilogue epilogue) {
    Int8Operands operands;
    operands.rows = std::size_t(samples_) * tokens_;
    operands.x = {reinterpret_cast<const std::uint8_t*>(codes_.bytes.data()), code_stride(std::size_t(layer.in())),
                  codes_.step.data(), codes_.low.data()};
    operands.beside = normed_.data() + dim_;
    operands.beside_stride = adapted_;
    operands.y = y;
    operands.gelu = epilogue.gelu;
    operands.add = epilogue.add;
    multiply(layer, operands, threads_);
}

/// normed_'s rows, `stride` floats apart; what is left of a row is set to zero. In int8 codes_ too.
void VisualEncoder::norm(const Norm& norm, std::size_t stride) {
    parallel_for_runs(
        threads_, std::size_t(samples_) * tokens_, rows_a_task, [&](std::size_t begin, std::size_t end, int) {
            for (std::size_t row = begin; row < end; ++row) {
                float* to = normed_.data() + row * stride;
                layer_norm(x_.data() + row * dim_, norm.weight.data(), norm.bias.data(), layer_norm_eps, dim_, to);
                std::fill_n(to + dim_, stride - dim_, 0.0f);
                if (coded()) code(row, to, dim_);
            }
        });
}

/// normed_'s last d_w columns <- Phi Q^T norm(x), the expression's own part of each sample.
void VisualEncoder::adapt(const float* phi, std::size_t block) {
    const std::size_t depth = model_.vision.blocks.size();
    const std::size_t parts = (tokens_ + rows_a_task - 1) / rows_a_task;
    parallel_for(threads_, std::size_t(samples_) * parts, [&](std::size_t item, int thread) {
        const std::size_t sample = item / parts, begin = item % parts * rows_a_task;
        const std::size_t row = sample * tokens_ + begin, count = std::min(rows_a_task, tokens_ - begin);
        multiply_small(asked_.data() + row * rank_, rank_, count, phi + (sample * depth + block) * rank_ * rank_, rank_,
                       scratch_.data() + std::size_t(thread) * scratch_a_thread_,
                       normed_.data() + row * adapted_ + dim_, adapted_);
    });
}

void VisualEncoder::attend(const VisionBlock& block) {
    const auto& config = model_.config();
    const int grid = config.vision.grid(config.image), side = block.window, heads = config.vision.heads;
    const int across = (grid + side - 1) / side, windows = across * across;
    parallel_for(threads_, std::size_t(samples_ * windows * heads), [&](std::size_t item, int thread) {
        const int head = int(item) % heads, place = int(item) / heads % windows, sample = int(item) / heads / windows;
        AttentionWindow window;
        window.qkv = wide_.data() + std::size_t(sample) * tokens_ * 3 * dim_;
        window.padding = block.qkv.bias();  // x is zero there, so what is left is the bias
        window.grid = grid;
        window.row = place / across * side;
        window.column = place % across * side;
        window.side = side;
        window.heads = heads;
        window.head_dim = config.vision.dim / heads;
        window.head = head;
        window.rows = &block.rows;
        window.columns = &block.columns;
        window.out = attended_.data() + std::size_t(sample) * tokens_ * dim_;
        engine::attend(window, scratch_.data() + std::size_t(thread) * scratch_a_thread_);
    });
}

const float* VisualEncoder::run(const float* images, bool one_image, const float* phi, StageTimes& times) {
    const std::size_t one = tokens_ * dim_;
    {
        const StageTimes::Scope timed(times, Stage::patches);
        const std::size_t pictures = one_image ? 1 : std::size_t(samples_);
        cut_patches(images, pictures);
        for (std::size_t i = 0; i < pictures; ++i)
            std::copy_n(model_.vision.positions.data(), one, x_.data() + i * one);
        (one_image ? patches_of_one_ : patches_).run();
        if (one_image) {
            for (std::size_t i = 1; i < std::size_t(samples_); ++i) std::copy_n(x_.data(), one, x_.data() + i * one);
        }
    }
    for (std::size_t i = 0; i < model_.vision.blocks.size(); ++i) {
        const VisionBlock& block = model_.vision.blocks[i];
        {
            const StageTimes::Scope timed(times, Stage::norms);
            norm(block.norm1, adapted_);
        }
        if (rank_ > 0) {
            const StageTimes::Scope timed(times, Stage::adaptation);
            Q_.run();
            adapt(phi, i);
        }
        {
            const StageTimes::Scope timed(times, Stage::products);
            if (coded()) {
                multiply_codes(block.qkv.int8, wide_.data(), {});
            } else {
                steps_[i].qkv.run();
            }
        }
        {
            const StageTimes::Scope timed(times, Stage::attention);
            attend(block);
        }
        {
            const StageTimes::Scope timed(times, Stage::products);
            if (coded()) {
                code_rows(attended_.data(), dim_);
                multiply_codes(block.proj.int8, x_.data(), {.add = true});
            } else {
                steps_[i].proj.run();
            }
        }
        {
            const StageTimes::Scope timed(times, Stage::norms);
            norm(block.norm2, dim_);
        }
        const StageTimes::Scope timed(times, Stage::products);
        if (coded()) {
            multiply_codes(block.fc1.int8, wide_.data(), {.gelu = true});
            code_rows(wide_.data(), std::size_t(block.fc2.int8.in()));
            multiply_codes(block.fc2.int8, x_.data(), {.add = true});
        } else {
            steps_[i].fc1.run();
            steps_[i].fc2.run();
        }
    }
    return x_.data();
}

}  // namespace vglaw::engine
