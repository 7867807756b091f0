#include "vglaw/net/network.h"

#include "vglaw/net/compat.h"

namespace vglaw::net {

NetworkImpl::NetworkImpl(const ModelConfig& config) : config(config) {
    config.validate("model config");
    text_encoder = register_module("text_encoder", Bert(config.text));
    if (config.law.active()) {
        weight_generator = register_module("weight_generator", WeightGenerator(config));
    }
    visual_encoder = register_module("visual_encoder", AdaptiveVit(config));
    if (config.fusion.active()) fusion = register_module("fusion", Fusion(config));
    box_head = register_module("box_head", BoxHead(config.box_head, config.vision.dim, config.text.hidden));
    mask_head = register_module("mask_head", MaskHead(config.mask_head, config.vision.dim, config.text.hidden));
}

NetworkOutput NetworkImpl::forward(const torch::Tensor& images, const torch::Tensor& ids,
                                   const torch::Tensor& token_mask) {
    NetworkOutput output;
    torch::Tensor F_l, F_v;  // (B, L, d_l), (B, h, w, C)
    {
        const AutocastBf16 mixed_precision(bf16);
        F_l = text_encoder(ids, token_mask);
        WeightGeneratorImpl::Output laws;
        if (!weight_generator.is_empty()) laws = weight_generator(F_l, token_mask);
        output.token_attention = laws.token_attention;
        F_v = visual_encoder->encode(images, laws.blocks, bf16, [&](int block, const torch::Tensor& x) {
            if (block == keep_block) output.block_output = x;
            return fusion.is_empty() ? x : fusion(block, x, F_l, token_mask);
        });
    }
    const auto cls = F_l.select(1, 0);  // (B, d_l), F_l^1

    const auto box = box_head(F_v.flatten(1, 2), cls);
    output.boxes_cxcywh = box.boxes_cxcywh;
    if (box.pool_attention.defined()) output.pool_attention = box.pool_attention.view({-1, F_v.size(1), F_v.size(2)});

    output.mask_logits = mask_head(F_v, cls, config.image.size);
    return output;
}

}  // namespace vglaw::net
