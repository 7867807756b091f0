#include "vglaw/train/loss.h"

#include <vector>

#include "vglaw/core/rng.h"

namespace vglaw::train {
namespace {

struct Corners {
    torch::Tensor x0, y0, x1, y1;  // (B)
    [[nodiscard]] torch::Tensor area() const { return (x1 - x0) * (y1 - y0); }
};

Corners corners(const torch::Tensor& cxcywh) {
    const auto p = cxcywh.unbind(1);
    return {p[0] - p[2] / 2, p[1] - p[3] / 2, p[0] + p[2] / 2, p[1] + p[3] / 2};
}

/// (directions, channels) of unit length, the same on any machine.
torch::Tensor label_directions(std::int64_t channels, std::int64_t directions) {
    Rng rng(derive_seed(0x6c6162656cULL, std::uint64_t(channels)));
    std::vector<float> values(std::size_t(channels * directions));
    for (auto& value : values) {
        value = -6;
        for (int i = 0; i < 12; ++i) value += float(rng.uniform());  // near enough to normal
    }
    const auto raw = torch::from_blob(values.data(), {directions, channels}, torch::kFloat);
    return raw / raw.norm(2, 1, true);
}

}  // namespace

torch::Tensor box_l1_loss(const torch::Tensor& predicted, const torch::Tensor& truth) {
    return (predicted - truth).abs().sum(1).mean();
}

torch::Tensor box_giou_loss(const torch::Tensor& predicted, const torch::Tensor& truth) {
    constexpr double tiny = 1e-7;  // sizes come from a sigmoid and may underflow to 0
    const auto a = corners(predicted), b = corners(truth);
    const auto width = (torch::min(a.x1, b.x1) - torch::max(a.x0, b.x0)).clamp_min(0);
    const auto height = (torch::min(a.y1, b.y1) - torch::max(a.y0, b.y0)).clamp_min(0);
    const auto overlap = width * height;
    const auto united = a.area() + b.area() - overlap;
    const auto hull =
        (torch::max(a.x1, b.x1) - torch::min(a.x0, b.x0)) * (torch::max(a.y1, b.y1) - torch::min(a.y0, b.y0));
    const auto giou = overlap / (united + tiny) - (hull - united) / (hull + tiny);
    return (1 - giou).mean();
}

torch::Tensor mask_focal_loss(const torch::Tensor& logits, const torch::Tensor& truth) {
    constexpr double alpha = 0.25;
    const auto cross_entropy = torch::binary_cross_entropy_with_logits(logits, truth, {}, {}, at::Reduction::None);
    const auto p = logits.sigmoid();
    const auto miss = p + truth - 2 * p * truth;                // 1 - p_t
    const auto weight = (1 - alpha) + (2 * alpha - 1) * truth;  // alpha_t
    return (weight * miss.square() * cross_entropy).mean();
}

torch::Tensor mask_dice_loss(const torch::Tensor& logits, const torch::Tensor& truth) {
    const auto p = logits.sigmoid().flatten(1), t = truth.flatten(1);
    return (1 - (2 * (p * t).sum(1) + 1) / (p.sum(1) + t.sum(1) + 1)).mean();
}

torch::Tensor pooling_loss(const torch::Tensor& pool_attention, const torch::Tensor& masks) {
    const auto cell = masks.size(1) / pool_attention.size(1);
    const auto shares = torch::avg_pool2d(masks.unsqueeze(1), cell).flatten(1);  // (B, h w)
    const auto target = shares / shares.sum(1, true).clamp_min(1e-6);            // all zero for a mask without a pixel
    return -(target * (pool_attention.flatten(1) + 1e-8).log()).sum(1).mean();   // attention may underflow to 0
}

torch::Tensor labelling_loss(const torch::Tensor& features, const torch::Tensor& labels, const LabelClasses& classes,
                             double share, std::int64_t seen_in_all) {
    const auto channels = features.size(-1), directions = std::int64_t{1} + classes[0] + classes[1] + classes[2];
    const auto wanted = labels.flatten(0, 1).unbind(1);  // three of (B h w)
    const auto type = torch::promote_types(features.scalar_type(), torch::kFloat);
    const auto x = torch::layer_norm(features.to(type).reshape({-1, channels}), {channels});
    const auto parts = torch::matmul(x, label_directions(channels, directions).to(x.options()).t())
                           .split_with_sizes({1 + classes[0], classes[1], classes[2]}, 1);
    const auto seen = (wanted[0] >= 0).nonzero().squeeze(1);
    auto loss = torch::cross_entropy_loss(parts[0], wanted[0] + 1);
    if (share != 1) loss = loss * share;
    if (seen.numel() == 0) return loss;
    const double seen_share = seen_in_all == 0 ? 1 : double(seen.numel()) / double(seen_in_all);
    for (const int i : {1, 2}) {
        auto named = torch::cross_entropy_loss(parts[std::size_t(i)].index_select(0, seen),
                                               wanted[std::size_t(i)].index_select(0, seen));
        loss = loss + (seen_share == 1 ? named : named * seen_share);
    }
    return loss;
}

LossParts grounding_loss(const torch::Tensor& boxes, const torch::Tensor& mask_logits, const torch::Tensor& true_boxes,
                         const torch::Tensor& masks, const LossConfig& weights, const std::string& tasks,
                         const torch::Tensor& pool_attention) {
    LossParts parts;
    parts.total = torch::zeros({}, boxes.options());
    if (tasks != "mask") {
        parts.l1 = box_l1_loss(boxes, true_boxes);
        parts.giou = box_giou_loss(boxes, true_boxes);
        parts.total = parts.total + weights.l1 * parts.l1 + weights.giou * parts.giou;
    }
    if (tasks != "mask" && weights.pooling > 0 && masks.defined() && pool_attention.defined()) {
        parts.pooling = pooling_loss(pool_attention, masks);
        parts.total = parts.total + weights.pooling * parts.pooling;
    }
    if (tasks != "box" && masks.defined()) {
        parts.focal = mask_focal_loss(mask_logits, masks);
        parts.dice = mask_dice_loss(mask_logits, masks);
        parts.total = parts.total + weights.focal * parts.focal + weights.dice * parts.dice;
    }
    return parts;
}

}  // namespace vglaw::train
