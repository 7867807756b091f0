// Visual encoder: the plain ViT of ViTDet (Li et al. 2022) whose qkv projections the expression adapts (model.md
// sections 2, 3).
#pragma once

#include "vglaw/model/config.h"
#include "vglaw/net/torch.h"
#include "vglaw/net/weight_generator.h"

namespace vglaw::net {

/// qkv of one block for every token: x W0^T + b + ((x Q) phi^T) P^T, so W0 and P serve every sample of the batch and
/// what an expression owns is phi alone. x: (B, N, C) -> (B, N, 3C)
[[nodiscard]] torch::Tensor adapted_qkv(const torch::Tensor& x, const torch::Tensor& W0, const torch::Tensor& bias,
                                        const AdaptedWeights& law);
/// The same with W = W0 + P phi Q^T built for every sample: the tests' oracle (1728 times the memory at base size).
[[nodiscard]] torch::Tensor materialized_qkv(const torch::Tensor& x, const torch::Tensor& W0, const torch::Tensor& bias,
                                             const AdaptedWeights& law);

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

struct AdaptiveVitImpl : torch::nn::Module {
    explicit AdaptiveVitImpl(const ModelConfig& config);
    /// images: (B, 3, S, S) normalised; laws: one a block -> F_v (B, h, w, C), channels last
    torch::Tensor forward(const torch::Tensor& images, const std::vector<AdaptedWeights>& laws);
    /// The same; `kept` gets the output of block `keep` (B, h, w, C), when there is one.
    torch::Tensor encode(const torch::Tensor& images, const std::vector<AdaptedWeights>& laws, int keep,
                         torch::Tensor& kept);
    /// Blocks that drop anything at all: drop path rises from 0 and training uses two draws a sample for each.
    [[nodiscard]] std::int64_t dropping_blocks() const;
    /// The coming training passes' draws instead of their own, (2 dropping_blocks(), B), so that a sample's do not
    /// depend on which micro-batch or process it is in; an undefined tensor ends that.
    void set_drop_draws(const torch::Tensor& draws);

    VisionConfig config;
    PatchProjection patch_projection{nullptr};
    torch::Tensor pos_embed;
    std::vector<AdaptiveBlock> blocks;
};
TORCH_MODULE(AdaptiveVit);

}  // namespace vglaw::net
