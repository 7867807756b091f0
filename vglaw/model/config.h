// The network's hyper-parameters, as they stand in the model file (model.md section 8). Defaults are the published base
// model.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "vglaw/core/config_fields.h"
#include "vglaw/model/language_config.h"

namespace vglaw {

struct ImageConfig {
    int size = 448;
    std::array<double, 3> mean{0.485, 0.456, 0.406};
    std::array<double, 3> std{0.229, 0.224, 0.225};

    template <typename Visitor>
    void visit_fields(Visitor& visit) {
        visit("size", size, "side of the square canvas, px; a multiple of vision.patch", Between{16, 4096});
        visit("mean", mean, "subtracted from RGB in [0, 1]", Between{0, 1});
        visit("std", std, "then divided by", Between{1e-6, 10});
    }
};

struct TextConfig {
    int vocab_size = 30522, max_positions = 512, hidden = 768, heads = 12, layers = 6, ffn = 3072, max_tokens = 40;

    template <typename Visitor>
    void visit_fields(Visitor& visit) {
        visit("vocab_size", vocab_size, "word pieces", Between{5, 1 << 20});
        visit("max_positions", max_positions, "rows of the position table", Between{2, 1 << 16});
        visit("hidden", hidden, "width d_l", Between{1, 8192});
        visit("heads", heads, "attention heads; divides hidden", Between{1, 256});
        visit("layers", layers, "transformer layers (the first 6 of BERT's 12 in the paper)", Between{1, 96});
        visit("ffn", ffn, "width of the feed-forward layer", Between{1, 65536});
        visit("max_tokens", max_tokens, "longest input, [CLS] and [SEP] included", Between{3, 512});
    }
};

struct VisionConfig {
    int patch = 16, dim = 768, heads = 12, depth = 12;
    double mlp_ratio = 4;
    int window = 14;
    std::vector<int> global_blocks{2, 5, 8, 11};
    int position_grid = 14;
    double drop_path = 0.1;

    template <typename Visitor>
    void visit_fields(Visitor& visit) {
        visit("patch", patch, "side of a patch, px", Between{1, 256});
        visit("dim", dim, "width C", Between{1, 8192});
        visit("heads", heads, "attention heads; divides dim", Between{1, 256});
        visit("depth", depth, "blocks", Between{1, 96});
        visit("mlp_ratio", mlp_ratio, "width of the MLP over dim", Between{0.01, 64});
        visit("window", window, "side of a window, tokens", Between{1, 256});
        visit("global_blocks", global_blocks, "blocks that attend over the whole picture", Between{0, 95});
        visit("position_grid", position_grid, "side of the absolute position grid, tokens", Between{1, 256});
        visit("drop_path", drop_path, "highest drop-path rate, reached at the last block (training)", Between{0, 0.99});
    }
    /// Tokens along one side of the canvas.
    [[nodiscard]] int grid(const ImageConfig& image) const { return image.size / patch; }
    [[nodiscard]] bool is_global(int block) const;
    [[nodiscard]] int mlp_hidden() const { return static_cast<int>(dim * mlp_ratio); }
};

struct BoxHeadConfig {
    std::string pool = "lap";
    int pool_dim = 64, hidden = 256;

    template <typename Visitor>
    void visit_fields(Visitor& visit) {
        visit("pool", pool, "language-adaptive pooling, or its ablations", OneOf{"lap", "mean", "max"});
        visit("pool_dim", pool_dim, "k, width of query and key", Between{1, 4096});
        visit("hidden", hidden, "width of the MLP", Between{1, 8192});
    }
};

struct MaskHeadConfig {
    int dim = 256;
    double threshold = 0.35;

    template <typename Visitor>
    void visit_fields(Visitor& visit) {
        visit("dim", dim, "channels between the two transposed convolutions", Between{1, 4096});
        visit("threshold", threshold, "a pixel is in the mask above this probability", Between{0.001, 0.999});
    }
};

struct ModelConfig {
    ImageConfig image;
    TextConfig text;
    VisionConfig vision;
    LawConfig law;
    FusionConfig fusion;
    BoxHeadConfig box_head;
    MaskHeadConfig mask_head;

    template <typename Visitor>
    void visit_fields(Visitor& visit) {
        visit("image", image, "");
        visit("text", text, "");
        visit("vision", vision, "");
        visit("law", law, "");
        visit("fusion", fusion, "");
        visit("box_head", box_head, "");
        visit("mask_head", mask_head, "");
    }

    /// Indices of the blocks whose weights the expression changes, ascending; none for law.kind = none.
    [[nodiscard]] std::vector<int> adapted_blocks() const;
    /// Indices of the blocks that a fusion module follows, ascending; none for fusion.kind = none.
    [[nodiscard]] std::vector<int> fused_blocks() const;

    /// Checks what no single field can: divisibility, consistency, size. Throws invalid_argument naming the keys.
    void validate(const std::string& where) const;
};

}  // namespace vglaw
