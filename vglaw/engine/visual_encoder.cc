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
    attended_ = Floats(rows * std::max(dim_, rank_));  // the first block's Phi Q^T x too, where it is shared
    asked_ = Floats(rows * rank_);
    scratch_ = Floats(std::size_t(threads) * scratch_a_thread_);

    const int M = int(rows);
    patches_ = Product(model.vision.patches, M, wide_.data(), x_.data(), {.add = true});
    patches_of_one_ = Product(model.vision.patches, int(tokens_), wide_.data(), x_.data(), {.add = true});
    if (rank_ > 0) Q_ = Product(model.law.Q, M, normed_.data(), asked_.data(), {});
    if (rank_ > 0 && samples > 1) {
        const int N = int(tokens_);
        shared_.Q = Product(model.law.Q, N, normed_.data(), asked_.data(), {});
        shared_.P = Product(model.law.P, M, attended_.data(), wide_.data(), {.add = true});
        if (!coded()) shared_.qkv = Product(model.vision.blocks[0].qkv.floats, N, normed_.data(), wide_.data(), {});
    }
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
void VisualEncoder::multiply_codes(const Int8Linear& layer, std::size_t rows, float* y, Epilogue epilogue) {
    Int8Operands operands;
    operands.rows = rows;
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
void VisualEncoder::norm(const Norm& norm, std::size_t rows, std::size_t stride) {
    parallel_for_runs(threads_, rows, rows_a_task, [&](std::size_t begin, std::size_t end, int) {
        for (std::size_t row = begin; row < end; ++row) {
            float* to = normed_.data() + row * stride;
            layer_norm(x_.data() + row * dim_, norm.weight.data(), norm.bias.data(), layer_norm_eps, dim_, to);
            std::fill_n(to + dim_, stride - dim_, 0.0f);
            if (coded()) code(row, to, dim_);
        }
    });
}

/// to (samples * N rows, `stride` floats apart) <- Phi Q^T norm(x), the expression's own part of each sample. With one
/// image asked_ holds one sample's rows, which all read.
void VisualEncoder::adapt(const float* phi, std::size_t block, bool one_image, float* to, std::size_t stride) {
    const std::size_t depth = model_.vision.blocks.size();
    const std::size_t parts = (tokens_ + rows_a_task - 1) / rows_a_task;
    parallel_for(threads_, std::size_t(samples_) * parts, [&](std::size_t item, int thread) {
        const std::size_t sample = item / parts, begin = item % parts * rows_a_task;
        const std::size_t row = sample * tokens_ + begin, count = std::min(rows_a_task, tokens_ - begin);
        multiply_small(asked_.data() + (one_image ? begin : row) * rank_, rank_, count,
                       phi + (sample * depth + block) * rank_ * rank_, rank_,
                       scratch_.data() + std::size_t(thread) * scratch_a_thread_, to + row * stride, stride);
    });
}

/// wide_ <- qkv of x_ for every sample.
void VisualEncoder::ask_and_multiply(std::size_t block, const float* phi, StageTimes& times) {
    const VisionBlock& weights = model_.vision.blocks[block];
    const std::size_t rows = std::size_t(samples_) * tokens_;
    {
        const StageTimes::Scope timed(times, Stage::norms);
        norm(weights.norm1, rows, adapted_);
    }
    if (rank_ > 0) {
        const StageTimes::Scope timed(times, Stage::adaptation);
        Q_.run();
        adapt(phi, block, false, normed_.data() + dim_, adapted_);
    }
    const StageTimes::Scope timed(times, Stage::products);
    if (coded()) {
        multiply_codes(weights.qkv.int8, rows, wide_.data(), {});
    } else {
        steps_[block].qkv.run();
    }
}

/// The same for the first block, when x_ is the same for every sample.
void VisualEncoder::share_and_multiply(const float* phi, StageTimes& times) {
    const VisionBlock& weights = model_.vision.blocks[0];
    {
        const StageTimes::Scope timed(times, Stage::norms);
        norm(weights.norm1, tokens_, adapted_);
    }
    {
        const StageTimes::Scope timed(times, Stage::adaptation);
        shared_.Q.run();
        adapt(phi, 0, true, attended_.data(), rank_);
    }
    const StageTimes::Scope timed(times, Stage::products);
    // [W0 | P] [norm(x); 0]: W0's part and the bias.
    if (coded()) {
        multiply_codes(weights.qkv.int8, tokens_, wide_.data(), {});
    } else {
        shared_.qkv.run();
    }
    const std::size_t row = 3 * dim_;
    parallel_for_runs(threads_, tokens_, rows_a_task, [&](std::size_t begin, std::size_t end, int) {
        for (std::size_t sample = 1; sample < std::size_t(samples_); ++sample) {
            std::copy(wide_.data() + begin * row, wide_.data() + end * row,
                      wide_.data() + (sample * tokens_ + begin) * row);
        }
    });
    shared_.P.run();
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
    const std::size_t one = tokens_ * dim_, rows = std::size_t(samples_) * tokens_;
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
        if (i == 0 && one_image && shared_.P.planned()) {
            share_and_multiply(phi, times);
        } else {
            ask_and_multiply(i, phi, times);
        }
        {
            const StageTimes::Scope timed(times, Stage::attention);
            attend(block);
        }
        {
            const StageTimes::Scope timed(times, Stage::products);
            if (coded()) {
                code_rows(attended_.data(), dim_);
                multiply_codes(block.proj.int8, rows, x_.data(), {.add = true});
            } else {
                steps_[i].proj.run();
            }
        }
        {
            const StageTimes::Scope timed(times, Stage::norms);
            norm(block.norm2, rows, dim_);
        }
        const StageTimes::Scope timed(times, Stage::products);
        if (coded()) {
            multiply_codes(block.fc1.int8, rows, wide_.data(), {.gelu = true});
            code_rows(wide_.data(), std::size_t(block.fc2.int8.in()));
            multiply_codes(block.fc2.int8, rows, x_.data(), {.add = true});
        } else {
            steps_[i].fc1.run();
            steps_[i].fc2.run();
        }
    }
    return x_.data();
}

}  // namespace vglaw::engine
