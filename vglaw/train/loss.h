// The losses (model.md section 5): L = l1 + giou for the box, focal + dice for the mask, each with its weight.
#pragma once

#include <cstdint>

#include "vglaw/data/label_map.h"
#include "vglaw/net/torch.h"
#include "vglaw/train/experiment.h"

namespace vglaw::train {

/// Boxes (B, 4) cxcywh in [0, 1]: summed over the coordinates, mean over the batch.
[[nodiscard]] torch::Tensor box_l1_loss(const torch::Tensor& predicted, const torch::Tensor& truth);
/// Mean of 1 - GIoU (Rezatofighi et al. 2019). Boxes (B, 4) cxcywh.
[[nodiscard]] torch::Tensor box_giou_loss(const torch::Tensor& predicted, const torch::Tensor& truth);
/// Focal loss (Lin et al. 2017), alpha 0.25, gamma 2, mean over pixels and batch. logits, truth: (B, S, S)
[[nodiscard]] torch::Tensor mask_focal_loss(const torch::Tensor& logits, const torch::Tensor& truth);
/// 1 - (2 sum(p t) + 1) / (sum p + sum t + 1) for each sample, mean. logits, truth: (B, S, S)
[[nodiscard]] torch::Tensor mask_dice_loss(const torch::Tensor& logits, const torch::Tensor& truth);

/// Cross-entropy of LAP's attention (B, h, w) with each cell's share of the target's pixels; masks (B, S, S), S a
/// multiple of h. Not in the paper: it tells a network that starts from nothing where to look, which the box loss alone
/// says only once the attention is sharp (docs/fidelity.md).
[[nodiscard]] torch::Tensor pooling_loss(const torch::Tensor& pool_attention, const torch::Tensor& masks);

/// Cross-entropy of what each token shows. features (B, h, w, C): a block's output; labels (B, h w, 3) int64, -1 where
/// background; classes: of the three attributes. Scores are the normalised features' products with fixed random
/// directions, so there is nothing to train or store (a fixed classifier serves as well: Hoffer et al. 2018). The first
/// attribute is told from background at every token, the others where there is an object; mean of each, summed. Not in
/// the paper, whose backbone starts from one trained to detect objects (docs/fidelity.md).
/// A part of a batch gives its share, so that the parts' losses add up to the whole batch's: `share` is the part's of
/// the samples, `seen_in_all` the number of the whole batch's tokens that show an object (0: the part is the whole).
[[nodiscard]] torch::Tensor labelling_loss(const torch::Tensor& features, const torch::Tensor& labels,
                                           const LabelClasses& classes, double share = 1, std::int64_t seen_in_all = 0);

struct LossParts {
    torch::Tensor total, l1, giou, focal, dice, pooling,
        labelling;  ///< scalars; the parts unweighted, undefined where not trained
};

/// `pool_attention` (B, h, w) matters only for weights.pooling > 0. `masks` may be undefined (a data set without
/// masks): then only the box trains.
[[nodiscard]] LossParts grounding_loss(const torch::Tensor& boxes, const torch::Tensor& mask_logits,
                                       const torch::Tensor& true_boxes, const torch::Tensor& masks,
                                       const LossConfig& weights, const std::string& tasks,
                                       const torch::Tensor& pool_attention = {});

}  // namespace vglaw::train
