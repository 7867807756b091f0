// A model file made ready to run: constants folded, static weights packed once. Read-only afterwards, so any number of
// EngineForward may share one, on any number of threads.
#pragma once

#include <memory>
#include <vector>

#include "vglaw/engine/attention_kernel.h"
#include "vglaw/engine/floats.h"
#include "vglaw/engine/int8_product.h"
#include "vglaw/engine/product.h"
#include "vglaw/model/bundle.h"

namespace vglaw::engine {

/// Numbers that the visual blocks' products compute with; all else is fp32.
enum class Arithmetic {
    as_stored,  ///< int8 for a file with int8 weights, else fp32
    fp32,       ///< weights of an int8 file times their scales
    int8,       ///< weights of another file quantised on loading; activations quantised row by row as they come
};

struct EngineOptions {
    Arithmetic arithmetic = Arithmetic::as_stored;
};

struct Norm {
    Floats weight, bias;
};

/// One layer of BERT, post-norm; q, k and v in one product.
struct TextLayer {
    PackedLinear qkv, attention_output, intermediate, output;
    Norm attention_norm, output_norm;
};

struct TextWeights {
    TensorView words;  ///< (vocab_size, d_l), left in the mapped file: a call reads a few rows
    Floats positions;  ///< (max_positions, d_l), the token type's row added
    Norm norm;
    std::vector<TextLayer> layers;
};

/// What turns an expression into one block's Phi.
struct Condition {
    Floats reduce, reduce_bias;      ///< (d_h, d_l), (d_h)
    Norm norm;                       ///< (d_h); empty without law.norm
    Floats generate, generate_bias;  ///< (d_w * d_w, d_h), (d_w * d_w)
};

struct LawWeights {
    Floats layer_embedding;  ///< (depth, d_l)
    PackedLinear Q;          ///< C + d_w -> d_w: [x | 0] -> x Q
    PackedLinear P;          ///< d_w -> 3C, for what expressions on one picture share
    std::vector<Condition> blocks;
};

/// A product of a visual block, packed for the model's arithmetic; the other one is empty.
struct BlockLinear {
    PackedLinear floats;
    Int8Linear int8;

    [[nodiscard]] int in() const { return int8.out() > 0 ? int8.in() + int8.beside_in() : floats.in(); }
    [[nodiscard]] int out() const { return int8.out() > 0 ? int8.out() : floats.out(); }
    [[nodiscard]] const float* bias() const { return int8.out() > 0 ? int8.bias() : floats.bias(); }
    [[nodiscard]] std::size_t bytes() const { return floats.bytes() + int8.bytes(); }
};

struct VisionBlock {
    int window = 0;   ///< side of its windows, tokens; the whole grid in a global block
    BlockLinear qkv;  ///< [W0 | P]: C + d_w -> 3C; without law C -> 3C. In int8 P stays float
    BlockLinear proj, fc1, fc2;
    Norm norm1, norm2;
    PositionTable rows, columns;
};

struct VisionWeights {
    PackedLinear patches;  ///< 3 patch^2 -> C
    Floats positions;      ///< (grid * grid, C), resized to the grid
    std::vector<VisionBlock> blocks;
};

struct BoxWeights {
    Floats query, query_bias, key, key_bias;  ///< LAP: (k, d_l), (k), (k, C), (k)
    Floats mlp[3], mlp_bias[3];
};

struct MaskWeights {
    PackedLinear up1;  ///< C -> (dy, dx, dim)
    Norm norm;
    Floats up2, up2_bias;  ///< (dy * dx, dim, d_l): rows to dot with the expression; (d_l)
};

struct PackedModel {
    ModelBundle bundle;  ///< keeps the file mapped for the word embeddings
    TextWeights text;
    LawWeights law;  ///< empty for law.kind = none
    VisionWeights vision;
    BoxWeights box;
    MaskWeights mask;
    Arithmetic arithmetic = Arithmetic::fp32;  ///< fp32 or int8
    std::size_t packed_bytes = 0;

    [[nodiscard]] const ModelConfig& config() const { return bundle.config; }
};

/// Whether the engine implements a network: law.kind lowrank in every block, or none, without fusion. The ablations'
/// other kinds are LibTorch's.
[[nodiscard]] bool supports(const ModelConfig& config);

/// Throws unsupported for a network that supports() is not true of, corrupt_data naming a tensor with a
/// number that is not finite, internal when oneDNN refuses. Peak memory: the packed weights and the largest tensor.
[[nodiscard]] std::shared_ptr<const PackedModel> pack_model(const ModelBundle& bundle,
                                                            const EngineOptions& options = {});

}  // namespace vglaw::engine
