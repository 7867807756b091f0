#include "vglaw/net/heads.h"

#include <cmath>

namespace vglaw::net {
namespace {

/// (B, h, w) -> (B, size, size), bilinear, corners aligned (model.md section 4).
torch::Tensor resize_logits(const torch::Tensor& logits, int size) {
    namespace F = torch::nn::functional;
    const auto options = F::InterpolateFuncOptions()
                             .size(std::vector<std::int64_t>{size, size})
                             .mode(torch::kBilinear)
                             .align_corners(true);
    return F::interpolate(logits.unsqueeze(1), options).squeeze(1);
}

}  // namespace

LanguageAdaptivePoolingImpl::LanguageAdaptivePoolingImpl(int vision_dim, int text_hidden, int pool_dim) {
    query = register_module("query", torch::nn::Linear(text_hidden, pool_dim));
    key = register_module("key", torch::nn::Linear(vision_dim, pool_dim));
}

torch::Tensor LanguageAdaptivePoolingImpl::forward(const torch::Tensor& F_v, const torch::Tensor& cls) {
    const auto asks = query(cls).unsqueeze(2);  // (B, k, 1)
    const auto scores = torch::bmm(key(F_v), asks).squeeze(2) / std::sqrt(double(asks.size(1)));
    return scores.softmax(1);
}

BoxHeadImpl::BoxHeadImpl(const BoxHeadConfig& config, int vision_dim, int text_hidden) : config(config) {
    if (config.pool == "lap") {
        pool = register_module("pool", LanguageAdaptivePooling(vision_dim, text_hidden, config.pool_dim));
    }
    const auto mlp = register_module("mlp", std::make_shared<torch::nn::Module>());
    mlp0 = mlp->register_module("0", torch::nn::Linear(vision_dim, config.hidden));
    mlp1 = mlp->register_module("1", torch::nn::Linear(config.hidden, config.hidden));
    mlp2 = mlp->register_module("2", torch::nn::Linear(config.hidden, 4));
}

BoxHeadImpl::Output BoxHeadImpl::forward(const torch::Tensor& F_v, const torch::Tensor& cls) {
    Output output;
    torch::Tensor pooled;  // (B, C)
    if (config.pool == "lap") {
        output.pool_attention = pool(F_v, cls);
        pooled = torch::bmm(output.pool_attention.unsqueeze(1), F_v).squeeze(1);
    } else if (config.pool == "mean") {
        output.pool_attention = torch::full({F_v.size(0), F_v.size(1)}, 1.0 / double(F_v.size(1)), F_v.options());
        pooled = F_v.mean(1);
    } else {
        pooled = std::get<0>(F_v.max(1));
    }
    output.boxes_cxcywh = mlp2(mlp1(mlp0(pooled).relu()).relu()).sigmoid();
    return output;
}

Upsample2Impl::Upsample2Impl(int in, int out) {
    weight = register_parameter("weight", torch::empty({in, out, 2, 2}));
    bias = register_parameter("bias", torch::empty({out}));
}

MaskHeadImpl::MaskHeadImpl(const MaskHeadConfig& config, int vision_dim, int text_hidden) {
    up1 = register_module("up1", Upsample2(vision_dim, config.dim));
    norm = register_module("norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({config.dim}).eps(1e-6)));
    up2 = register_module("up2", Upsample2(config.dim, text_hidden));
}

torch::Tensor MaskHeadImpl::forward(const torch::Tensor& F_v, const torch::Tensor& cls, int size) {
    const auto batch = F_v.size(0), h = F_v.size(1), w = F_v.size(2);
    const auto dim = up1->weight.size(1);
    // A transposed convolution with kernel = stride = 2 writes each output pixel once: a linear layer to 2 x 2 x dim.
    const auto expand = up1->weight.permute({2, 3, 1, 0}).reshape({4 * dim, -1});              // (2 2 dim, C)
    auto x = torch::linear(F_v, expand, up1->bias.repeat({4})).view({batch, h * w * 4, dim});  // (B, h w 2 2, dim)
    x = torch::gelu(norm(x));
    // Folded: w'[c, dy, dx] = sum_o w[c, o, dy, dx] F_l1[o], b' = b . F_l1
    const auto folded =
        torch::matmul(cls, up2->weight.permute({1, 0, 2, 3}).reshape({cls.size(1), dim * 4})).view({batch, dim, 4});
    const auto offset = torch::mv(cls, up2->bias).view({batch, 1, 1});
    const auto logits = torch::baddbmm(offset, x, folded)     // (B, h w 2 2, 2 2)
                            .view({batch, h, w, 2, 2, 2, 2})  // h w, dy1 dx1, dy2 dx2
                            .permute({0, 1, 3, 5, 2, 4, 6})
                            .reshape({batch, 4 * h, 4 * w});
    return resize_logits(logits, size);
}

torch::Tensor MaskHeadImpl::forward_plain(const torch::Tensor& F_v, const torch::Tensor& cls, int size) {
    const auto features = F_v.permute({0, 3, 1, 2});
    auto x = torch::conv_transpose2d(features, up1->weight, up1->bias, 2);
    x = torch::gelu(norm(x.permute({0, 2, 3, 1}))).permute({0, 3, 1, 2});
    x = torch::conv_transpose2d(x, up2->weight, up2->bias, 2);  // (B, d_l, 4h, 4w)
    return resize_logits((x * cls.view({cls.size(0), -1, 1, 1})).sum(1), size);
}

}  // namespace vglaw::net
