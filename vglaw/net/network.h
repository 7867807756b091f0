// The whole network on one screen: the paper's figure 2.
#pragma once

#include "vglaw/net/adaptive_vit.h"
#include "vglaw/net/bert.h"
#include "vglaw/net/fusion.h"
#include "vglaw/net/heads.h"
#include "vglaw/net/weight_generator.h"

namespace vglaw::net {

struct NetworkOutput {
    torch::Tensor boxes_cxcywh;     ///< (B, 4) in [0, 1] of the canvas
    torch::Tensor mask_logits;      ///< (B, S, S)
    torch::Tensor pool_attention;   ///< (B, h, w); undefined for box_head.pool = max
    torch::Tensor token_attention;  ///< (B, adapted blocks, G, L); undefined for law.kind = none
    torch::Tensor block_output;     ///< (B, h, w, C) of block keep_block; undefined when none is kept
};

struct NetworkImpl : torch::nn::Module {
    /// Parameters are registered under the model file's names; their values are NOT set (see initialize.h, weights.h).
    explicit NetworkImpl(const ModelConfig& config);

    /// images: (B, 3, S, S) float, normalised; ids: (B, L) int64; token_mask: (B, L) bool; span_mask: (B, L) bool, the
    /// tokens of the phrase that is meant (see ForwardInput), or undefined.
    /// owner: (B) int64, when several phrases share a picture: images are then (P, 3, S, S), ids and token_mask (P, L)
    /// if the phrases of a picture share their caption too, and phrase b is asked of picture owner[b]. Patches, and a
    /// caption, are encoded once.
    NetworkOutput forward(const torch::Tensor& images, const torch::Tensor& ids, const torch::Tensor& token_mask,
                          const torch::Tensor& span_mask = {}, const torch::Tensor& owner = {});

    ModelConfig config;
    bool bf16 =
        false;  ///< encoders and weight generator in mixed precision; residual streams, softmaxes and heads stay fp32
    int keep_block = -1;  ///< index of the visual encoder's block whose output forward() also returns; -1: none
    Bert text_encoder{nullptr};
    WeightGenerator weight_generator{nullptr};  ///< empty for law.kind = none
    AdaptiveVit visual_encoder{nullptr};
    Fusion fusion{nullptr};  ///< empty for fusion.kind = none
    BoxHead box_head{nullptr};
    MaskHead mask_head{nullptr};
};
TORCH_MODULE(Network);

}  // namespace vglaw::net
