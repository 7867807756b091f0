// How the expression reaches the visual encoder: by its weights (LAW), or by modules between its blocks (fusion).
#pragma once

#include <string>
#include <vector>

#include "vglaw/core/config_fields.h"

namespace vglaw {

struct LawConfig {
    std::string kind = "lowrank";
    int groups = 12, reduction = 16, rank = 32;
    bool scale_scores = true, norm = true;
    int kernels = 4;
    std::vector<int> blocks{};

    template <typename Visitor>
    void visit_fields(Visitor& visit) {
        visit("kind", kind,
              "how language changes the qkv weights W0: lowrank W0 + P Phi Q^T, the paper's; none, the passive "
              "baseline; scale W0 diag(1 + s); mixture of static kernels; full, every number of W generated",
              OneOf{"lowrank", "none", "scale", "mixture", "full"});
        visit("groups", groups, "G, groups of the aggregation; divides text.hidden", Between{1, 1024});
        visit("reduction", reduction, "r, text.hidden / r is the bottleneck's width; divides text.hidden",
              Between{1, 1024});
        visit("rank", rank, "kind = lowrank: d_w, side of the generated matrix", Between{1, 1024});
        visit("scale_scores", scale_scores, "divide the aggregation scores by sqrt(d_l / G)");
        visit("norm", norm, "LayerNorm in the reduction");
        visit("kernels", kernels, "kind = mixture: K, static kernels of a block", Between{2, 64});
        visit("blocks", blocks, "blocks that adapt, the others keep W0; empty: all", Between{0, 95});
    }
    [[nodiscard]] bool active() const { return kind != "none"; }
};

struct FusionConfig {
    std::string kind = "none";
    std::vector<int> blocks{};
    int reduction = 4, factor = 32;

    template <typename Visitor>
    void visit_fields(Visitor& visit) {
        visit("kind", kind,
              "modules that adjust features after they are extracted: pwam, LAVT's pixel-word attention; qd_att, "
              "QRNet's query-aware channel and spatial attention",
              OneOf{"none", "pwam", "qd_att"});
        visit("blocks", blocks, "blocks that a module follows; empty: vision.global_blocks", Between{0, 95});
        visit("reduction", reduction, "kind = qd_att: vision.dim / this is the channel MLP's width; divides vision.dim",
              Between{1, 1024});
        visit("factor", factor, "kind = qd_att: K, inner width of a generated layer's two factors", Between{1, 1024});
    }
    [[nodiscard]] bool active() const { return kind != "none"; }
};

}  // namespace vglaw
