// How many operations the products of one training step take, by the network's formulas.
#pragma once

#include <algorithm>

#include "vglaw/model/config.h"

namespace vglaw {

/// Operations (a multiplication and an addition are two) of the forward pass's matrix products for one sample with an
/// expression of `tokens`, adapted weights in their low-rank form. Norms, softmaxes and other element-wise work are not
/// counted, nor is what a window's padding computes in vain. law.kind = lowrank or none, fusion.kind = none.
[[nodiscard]] inline double forward_flops(const ModelConfig& config, double tokens) {
    const auto product = [](double m, double n, double k) { return 2 * m * n * k; };
    const double d = config.text.hidden, L = tokens;
    double sum =
        config.text.layers * (4 * product(L, d, d) + 2 * product(L, L, d) + 2 * product(L, config.text.ffn, d));

    const double C = config.vision.dim, side = config.vision.grid(config.image), N = side * side;
    const double hidden = config.vision.mlp_hidden(), rank = config.law.rank, reduced = d / config.law.reduction;
    sum += product(N, C, 3.0 * config.vision.patch * config.vision.patch);
    for (int i = 0; i < config.vision.depth; ++i) {
        const double n = config.vision.is_global(i) ? side : std::min<double>(config.vision.window, side);
        sum += product(N, 3 * C, C) + product(N, C, C) + 2 * product(N, hidden, C);  // qkv, proj, MLP
        sum += 2 * product(N, n * n, C) + 2 * product(N, n, C);  // scores and values, q R_h and q R_w
    }
    const double adapted = double(config.adapted_blocks().size());
    sum += adapted * (2 * product(1, L, d) + product(1, reduced, d) + product(1, rank * rank, reduced));  // phi
    sum += adapted * (product(N, rank, C) + product(N, rank, rank) + product(N, 3 * C, rank));  // ((x Q) phi^T) P^T

    const double k = config.box_head.pool_dim, box = config.box_head.hidden, m = config.mask_head.dim;
    sum += product(1, k, d) + product(N, k, C) + 2 * product(N, 1, C) + product(1, box, C) + product(1, box, box);
    sum += product(N, 4 * m, C) + product(1, 4 * m, d) + product(4 * N, 4, m);  // the mask head, folded
    return sum;
}

/// Forward and backward: each product gives two more, for the gradients of its two factors.
[[nodiscard]] inline double step_flops(const ModelConfig& config, double tokens) {
    return 3 * forward_flops(config, tokens);
}

}  // namespace vglaw
