// The two heads: language-adaptive pooling with the box MLP, and the mask (model.md section 4).
#pragma once

#include "vglaw/model/config.h"
#include "vglaw/net/torch.h"

namespace vglaw::net {

/// LAP: where to look for the box is itself asked by the expression.
struct LanguageAdaptivePoolingImpl : torch::nn::Module {
    LanguageAdaptivePoolingImpl(int vision_dim, int text_hidden, int pool_dim);
    /// F_v: (B, N, C); cls: (B, d_l) -> attention (B, N), rows sum to 1
    torch::Tensor forward(const torch::Tensor& F_v, const torch::Tensor& cls);

    torch::nn::Linear query{nullptr}, key{nullptr};
};
TORCH_MODULE(LanguageAdaptivePooling);

struct BoxHeadImpl : torch::nn::Module {
    BoxHeadImpl(const BoxHeadConfig& config, int vision_dim, int text_hidden);

    struct Output {
        torch::Tensor boxes_cxcywh;    ///< (B, 4) in [0, 1] of the canvas
        torch::Tensor pool_attention;  ///< (B, N); uniform for mean pooling, undefined for max
    };
    Output forward(const torch::Tensor& F_v, const torch::Tensor& cls);

    BoxHeadConfig config;
    LanguageAdaptivePooling pool{nullptr};
    torch::nn::Linear mlp0{nullptr}, mlp1{nullptr}, mlp2{nullptr};
};
TORCH_MODULE(BoxHead);

/// Weight and bias of a transposed convolution, kernel and stride 2.
struct Upsample2Impl : torch::nn::Module {
    Upsample2Impl(int in, int out);
    torch::Tensor weight, bias;  // (in, out, 2, 2), (out)
};
TORCH_MODULE(Upsample2);

struct MaskHeadImpl : torch::nn::Module {
    MaskHeadImpl(const MaskHeadConfig& config, int vision_dim, int text_hidden);
    /// F_v: (B, h, w, C); cls: (B, d_l) -> mask logits (B, size, size). The second convolution and the dot with the
    /// expression are folded into one product (exact: nothing non-linear stands between them), in training too.
    torch::Tensor forward(const torch::Tensor& F_v, const torch::Tensor& cls, int size);
    /// The same as written in the paper, unfolded: the tests' oracle.
    torch::Tensor forward_plain(const torch::Tensor& F_v, const torch::Tensor& cls, int size);

    Upsample2 up1{nullptr}, up2{nullptr};
    torch::nn::LayerNorm norm{nullptr};
};
TORCH_MODULE(MaskHead);

}  // namespace vglaw::net
