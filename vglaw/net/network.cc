#include "vglaw/net/network.h"

#include "vglaw/net/compat.h"

namespace vglaw::net {
namespace {

/// Who is asked for: a vector for the whole, and the words to listen to.
struct Query {
    torch::Tensor vector;  // (B, d_l)
    torch::Tensor words;   // (B, L) bool
};

/// Without a span F_l^1 and every token; with one the mean over the phrase's tokens, and these.
Query query_of(const torch::Tensor& F_l, const torch::Tensor& token_mask, const torch::Tensor& span_mask) {
    const auto cls = F_l.select(1, 0);
    if (!span_mask.defined()) return {cls, token_mask};
    const auto marked = span_mask.any(1, true);  // (B, 1)
    const auto count = span_mask.sum(1, true).clamp_min(1).to(F_l.scalar_type());
    const auto mean = (F_l * span_mask.unsqueeze(2).to(F_l.scalar_type())).sum(1) / count;
    return {torch::where(marked, mean, cls), torch::where(marked, span_mask, token_mask)};
}

}  // namespace

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
                                   const torch::Tensor& token_mask, const torch::Tensor& span_mask,
                                   const torch::Tensor& owner) {
    NetworkOutput output;
    torch::Tensor F_v;  // (B, h, w, C)
    Query query;
    {
        const AutocastBf16 mixed_precision(bf16);
        auto F_l = text_encoder(ids, token_mask);  // (B, L, d_l)
        auto words = token_mask;
        if (owner.defined() && F_l.size(0) != owner.size(0)) {
            F_l = F_l.index_select(0, owner);
            words = words.index_select(0, owner);
        }
        query = query_of(F_l, words, span_mask);
        WeightGeneratorImpl::Output laws;
        if (!weight_generator.is_empty()) laws = weight_generator(F_l, query.words);
        output.token_attention = laws.token_attention;
        const auto after = [&](int block, const torch::Tensor& x) {
            if (block == keep_block) output.block_output = x;
            return fusion.is_empty() ? x : fusion(block, x, F_l, query.words, query.vector);
        };
        F_v = visual_encoder->encode(images, laws.blocks, bf16, after, owner);
    }
    const auto box = box_head(F_v.flatten(1, 2), query.vector);
    output.boxes_cxcywh = box.boxes_cxcywh;
    if (box.pool_attention.defined()) output.pool_attention = box.pool_attention.view({-1, F_v.size(1), F_v.size(2)});

    output.mask_logits = mask_head(F_v, query.vector, config.image.size);
    return output;
}

}  // namespace vglaw::net
