// Visual encoder: the plain ViT of ViTDet (Li et al. 2022) whose qkv projections the expression adapts (model.md
// sections 2, 3).
#pragma once

#include <functional>

#include "vglaw/model/config.h"
#include "vglaw/net/torch.h"
#include "vglaw/net/weight_generator.h"

namespace vglaw::net {

/// qkv of one block for every token, by the cheapest way. x: (B, N, C) -> (B, N, 3C)
/// lowrank: x W0^T + b + ((x Q) phi^T) P^T, so W0 and P serve every sample of the batch and what an expression owns is
/// phi alone. scale: W0 (x (1 + s)). mixture and full build W: a sample's kernels are mixed once, K products of 3C x C,
/// where mixing their outputs would cost K products for each of its tokens.
[[nodiscard]] torch::Tensor adapted_qkv(const torch::Tensor& x, const torch::Tensor& W0, const torch::Tensor& bias,
                                        const AdaptedWeights& law);
/// The same with W built for every sample: the tests' oracle (lowrank: 1728 times the memory at base size).
[[nodiscard]] torch::Tensor materialized_qkv(const torch::Tensor& x, const torch::Tensor& W0, const torch::Tensor& bias,
                                             const AdaptedWeights& law);

/// softmax(q k^T / sqrt(d) + bias) v, softmax in float32. q, k, v: (groups, N, d), bias: (groups, N, N), the sum of
/// rel_h (groups, rows, columns, rows) and rel_w (groups, rows, columns, columns), which say how far a token is from
/// each row and column; groups: `heads` a window -> (groups / heads, heads, N, d). `fused`: by LibTorch's own
/// attention, which keeps no scores for the backward pass; compat.h says where it is there.
[[nodiscard]] torch::Tensor attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                                   const torch::Tensor& rel_h, const torch::Tensor& rel_w, std::int64_t heads,
                                   bool fused);

/// The absolute position grid (1, P*P, C) resized bicubically (align_corners false) to (1, rows, columns, C).
[[nodiscard]] torch::Tensor resize_positions(const torch::Tensor& pos_embed, int grid, int rows, int columns);

struct AdaptiveAttentionImpl : torch::nn::Module {
    AdaptiveAttentionImpl(int dim, int heads, int side);
    /// x: (B, windows, n, n, C); tokens attend within their window, n == side -> the same shape
    torch::Tensor forward(const torch::Tensor& x, const AdaptedWeights& law);

    int heads, side;
    torch::nn::Linear qkv{nullptr}, proj{nullptr};
    torch::Tensor rel_pos_h, rel_pos_w;  // (2 side - 1, d)
};
TORCH_MODULE(AdaptiveAttention);

struct AdaptiveBlockImpl : torch::nn::Module {
    AdaptiveBlockImpl(const VisionConfig& config, int index, int grid);
    /// x: (B, h, w, C) -> the same
    torch::Tensor forward(const torch::Tensor& x, const AdaptedWeights& law);

    int window;  ///< side of the attention's windows, tokens; the whole grid in a global block
    double drop_path;
    torch::Tensor
        drop_draws;  ///< (2, B) uniform in [0, 1): which branches of which samples drop; undefined: drawn here
    torch::nn::LayerNorm norm1{nullptr}, norm2{nullptr};
    AdaptiveAttention attn{nullptr};
    torch::nn::Linear fc1{nullptr}, fc2{nullptr};
};
TORCH_MODULE(AdaptiveBlock);

/// The patch convolution; kernel and stride are both the patch side, so it is one matrix product over the patches.
struct PatchProjectionImpl : torch::nn::Module {
    PatchProjectionImpl(int dim, int patch);
    /// images: (B, 3, S, S) -> (B, h, w, C)
    torch::Tensor forward(const torch::Tensor& images);

    torch::Tensor weight, bias;  // (C, 3, patch, patch), (C)
};
TORCH_MODULE(PatchProjection);

/// What happens between blocks: gets a block's index and output (B, h, w, C), says what the next one is given.
using AfterBlock = std::function<torch::Tensor(int block, const torch::Tensor& x)>;

struct AdaptiveVitImpl : torch::nn::Module {
    explicit AdaptiveVitImpl(const ModelConfig& config);
    /// images: (B, 3, S, S) normalised; laws: one a block, or none -> F_v (B, h, w, C), channels last
    torch::Tensor forward(const torch::Tensor& images, const std::vector<AdaptedWeights>& laws);
    /// The same, with `after` called for every block. bf16: whether mixed precision is on, for the blocks' second run.
    /// owner (R) int64: which image each of R laws is for; patches are projected once an image. Undefined: its own.
    torch::Tensor encode(const torch::Tensor& images, const std::vector<AdaptedWeights>& laws, bool bf16,
                         const AfterBlock& after, const torch::Tensor& owner = {});
    /// Blocks that drop anything at all: drop path rises from 0 and training uses two draws a sample for each.
    [[nodiscard]] std::int64_t dropping_blocks() const;
    /// The coming training passes' draws instead of their own, (2 dropping_blocks(), B), so that a sample's do not
    /// depend on which micro-batch or process it is in; an undefined tensor ends that.
    void set_drop_draws(const torch::Tensor& draws);

    bool checkpoint_blocks = false;  ///< keep a block's input only, and run it again in the backward pass
    bool materialize = false;        ///< build W = W0 + P phi Q^T; for benchmarks alone
    VisionConfig config;
    PatchProjection patch_projection{nullptr};
    torch::Tensor pos_embed;
    std::vector<AdaptiveBlock> blocks;
};
TORCH_MODULE(AdaptiveVit);

}  // namespace vglaw::net
