#include "vglaw/engine/packed_model.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "vglaw/core/error.h"
#include "vglaw/engine/parallel.h"
#include "vglaw/model/int8_weight.h"
#include "vglaw/model/position_tables.h"
#include "vglaw/model/storage.h"

namespace vglaw::engine {
namespace {

/// Tensors by name, checked to be finite; what was read once is given back to the operating system.
class Reader {
public:
    Reader(const ModelBundle& bundle, Arithmetic arithmetic) : bundle_(bundle), arithmetic_(arithmetic) {}

    [[nodiscard]] std::vector<float> values(const std::string& name) const {
        auto values = bundle_.values(name);
        if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) {
            fail(ErrorCode::corrupt_data, "{}: tensor '{}' holds a number that is not finite; the file is damaged",
                 bundle_.path.string(), name);
        }
        bundle_.file.done_with(bundle_.tensor(name));
        return values;
    }
    [[nodiscard]] Floats floats(const std::string& name) const {
        const auto values = this->values(name);
        Floats floats(values.size());
        std::copy(values.begin(), values.end(), floats.data());
        return floats;
    }
    [[nodiscard]] Norm norm(const std::string& name) const {
        return {floats(name + ".weight"), floats(name + ".bias")};
    }
    [[nodiscard]] PackedLinear linear(const std::string& name) const {
        const auto& shape = bundle_.tensor(name + ".weight").shape;
        const auto weight = values(name + ".weight"), bias = values(name + ".bias");
        return pack_linear(weight.data(), bias.data(), int(weight.size() / std::size_t(shape[0])), int(shape[0]));
    }
    /// A layer of a visual block. beside: (out, beside_in), columns of the weights that stand right of the file's.
    [[nodiscard]] BlockLinear block_linear(const std::string& name, const std::vector<float>& beside = {}) const {
        const auto out = std::size_t(bundle_.tensor(name + ".weight").shape[0]), beside_in = beside.size() / out;
        const auto bias = values(name + ".bias");
        BlockLinear layer;
        if (arithmetic_ == Arithmetic::int8) {
            const Int8Weight weight = int8(name + ".weight", out);
            layer.int8 = pack_int8(weight.values.data(), weight.scales.data(), bias.data(),
                                   int(weight.values.size() / out), int(out), beside.data(), int(beside_in));
            return layer;
        }
        const auto weight = values(name + ".weight");
        const std::size_t in = weight.size() / out, width = in + beside_in;
        std::vector<float> joined(out * width);
        for (std::size_t row = 0; row < out; ++row) {
            std::copy_n(weight.data() + row * in, in, joined.data() + row * width);
            std::copy_n(beside.data() + row * beside_in, beside_in, joined.data() + row * width + in);
        }
        layer.floats = pack_linear(joined.data(), bias.data(), int(width), int(out));
        return layer;
    }
    [[nodiscard]] const ModelConfig& config() const { return bundle_.config; }

private:
    [[nodiscard]] Int8Weight int8(const std::string& name, std::size_t out) const {
        const TensorView& view = bundle_.tensor(name);
        if (view.dtype != Dtype::i8) return to_int8(values(name), out);
        Int8Weight weight;
        const auto* begin = reinterpret_cast<const std::int8_t*>(view.bytes.data());
        weight.values.assign(begin, begin + view.bytes.size());
        weight.scales = values(scale_name(name));
        bundle_.file.done_with(view);
        return weight;
    }

    const ModelBundle& bundle_;
    Arithmetic arithmetic_;
};

TextLayer read_text_layer(const Reader& read, const std::string& name) {
    const int hidden = read.config().text.hidden;
    std::vector<float> weight, bias;
    for (const char* part : {"query", "key", "value"}) {
        const auto w = read.values(name + ".attention.self." + part + ".weight");
        const auto b = read.values(name + ".attention.self." + part + ".bias");
        weight.insert(weight.end(), w.begin(), w.end());
        bias.insert(bias.end(), b.begin(), b.end());
    }
    TextLayer layer;
    layer.qkv = pack_linear(weight.data(), bias.data(), hidden, 3 * hidden);
    layer.attention_output = read.linear(name + ".attention.output.dense");
    layer.attention_norm = read.norm(name + ".attention.output.LayerNorm");
    layer.intermediate = read.linear(name + ".intermediate.dense");
    layer.output = read.linear(name + ".output.dense");
    layer.output_norm = read.norm(name + ".output.LayerNorm");
    return layer;
}

TextWeights read_text(const Reader& read, const ModelBundle& bundle) {
    const auto& config = read.config().text;
    const std::string embeddings = "text_encoder.embeddings.";
    TextWeights text;
    text.words = bundle.tensor(embeddings + "word_embeddings.weight");
    text.positions = read.floats(embeddings + "position_embeddings.weight");
    // every token is of type 0
    const auto type = read.values(embeddings + "token_type_embeddings.weight");
    const auto hidden = std::size_t(config.hidden);
    for (std::size_t i = 0; i < text.positions.size(); ++i) text.positions[i] += type[i % hidden];
    text.norm = read.norm(embeddings + "LayerNorm");
    for (int i = 0; i < config.layers; ++i)
        text.layers.push_back(read_text_layer(read, "text_encoder.encoder.layer." + std::to_string(i)));
    return text;
}

LawWeights read_law(const Reader& read) {
    const auto& config = read.config();
    const std::string name = "weight_generator.";
    LawWeights law;
    law.layer_embedding = read.floats(name + "layer_embedding");
    const auto dim = std::size_t(config.vision.dim), rank = std::size_t(config.law.rank);
    // x Q over rows that already have room for what follows, [x | 0]: oneDNN 2.6 multiplies rows that lie apart by its
    // reference code, a thousand times slower, so the product reads the zeros too.
    const auto Q = read.values(name + "Q");  // (C, d_w)
    std::vector<float> widened(rank * (dim + rank), 0.0f);
    for (std::size_t c = 0; c < dim; ++c) {
        for (std::size_t r = 0; r < rank; ++r) widened[r * (dim + rank) + c] = Q[c * rank + r];
    }
    law.Q = pack_linear(widened.data(), nullptr, int(dim + rank), int(rank));
    law.P = pack_linear(read.values(name + "P").data(), nullptr, int(rank), int(3 * dim));
    for (int i = 0; i < config.vision.depth; ++i) {
        const std::string block = name + "blocks." + std::to_string(i);
        Condition condition;
        condition.reduce = read.floats(block + ".reduce.weight");
        condition.reduce_bias = read.floats(block + ".reduce.bias");
        if (config.law.norm) condition.norm = read.norm(block + ".norm");
        condition.generate = read.floats(block + ".generate.weight");
        condition.generate_bias = read.floats(block + ".generate.bias");
        law.blocks.push_back(std::move(condition));
    }
    return law;
}

VisionWeights read_vision(const Reader& read) {
    const auto& config = read.config();
    const std::string name = "visual_encoder.";
    VisionWeights vision;
    vision.patches = read.linear(name + "patch_embed.proj");
    const int grid = config.vision.grid(config.image), head_dim = config.vision.dim / config.vision.heads;
    const auto positions =
        resize_position_grid(read.values(name + "pos_embed"), config.vision.position_grid, grid, config.vision.dim);
    vision.positions = Floats(positions.size());
    std::copy(positions.begin(), positions.end(), vision.positions.data());
    const auto P = config.law.active() ? read.values("weight_generator.P") : std::vector<float>{};
    for (int i = 0; i < config.vision.depth; ++i) {
        const std::string block = name + "blocks." + std::to_string(i);
        VisionBlock weights;
        weights.window = config.vision.is_global(i) ? grid : config.vision.window;
        // A token's qkv is [W0 | P] times [x; Phi Q^T x] (model.md section 2): P rides along in the same product.
        weights.qkv = read.block_linear(block + ".attn.qkv", P);
        weights.proj = read.block_linear(block + ".attn.proj");
        weights.fc1 = read.block_linear(block + ".mlp.fc1");
        weights.fc2 = read.block_linear(block + ".mlp.fc2");
        weights.norm1 = read.norm(block + ".norm1");
        weights.norm2 = read.norm(block + ".norm2");
        weights.rows = make_position_table(read.values(block + ".attn.rel_pos_h").data(), weights.window, head_dim);
        weights.columns = make_position_table(read.values(block + ".attn.rel_pos_w").data(), weights.window, head_dim);
        vision.blocks.push_back(std::move(weights));
    }
    return vision;
}

BoxWeights read_box(const Reader& read) {
    BoxWeights box;
    if (read.config().box_head.pool == "lap") {
        box.query = read.floats("box_head.pool.query.weight");
        box.query_bias = read.floats("box_head.pool.query.bias");
        box.key = read.floats("box_head.pool.key.weight");
        box.key_bias = read.floats("box_head.pool.key.bias");
    }
    for (int i = 0; i < 3; ++i) {
        const std::string layer = "box_head.mlp." + std::to_string(i);
        box.mlp[i] = read.floats(layer + ".weight");
        box.mlp_bias[i] = read.floats(layer + ".bias");
    }
    return box;
}

MaskWeights read_mask(const Reader& read) {
    const auto& config = read.config();
    const auto in = std::size_t(config.vision.dim), dim = std::size_t(config.mask_head.dim),
               hidden = std::size_t(config.text.hidden);
    MaskWeights mask;
    // A transposed convolution whose kernel is its stride is a linear layer to 2 x 2 pixels of dim channels.
    const auto up1 = read.values("mask_head.up1.weight"),
               up1_bias = read.values("mask_head.up1.bias");  // (C, dim, 2, 2)
    std::vector<float> expand(4 * dim * in), bias(4 * dim);
    for (std::size_t p = 0; p < 4; ++p) {
        for (std::size_t o = 0; o < dim; ++o) {
            bias[p * dim + o] = up1_bias[o];
            for (std::size_t c = 0; c < in; ++c) expand[(p * dim + o) * in + c] = up1[(c * dim + o) * 4 + p];
        }
    }
    mask.up1 = pack_linear(expand.data(), bias.data(), int(in), int(4 * dim));
    mask.norm = read.norm("mask_head.norm");
    const auto up2 = read.values("mask_head.up2.weight");  // (dim, d_l, 2, 2)
    mask.up2 = Floats(up2.size());
    for (std::size_t p = 0; p < 4; ++p) {
        for (std::size_t c = 0; c < dim; ++c) {
            for (std::size_t o = 0; o < hidden; ++o)
                mask.up2[(p * dim + c) * hidden + o] = up2[(c * hidden + o) * 4 + p];
        }
    }
    mask.up2_bias = read.floats("mask_head.up2.bias");
    return mask;
}

std::size_t bytes_of(const VisionWeights& vision) {
    std::size_t bytes = vision.patches.bytes();
    for (const auto& block : vision.blocks)
        bytes += block.qkv.bytes() + block.proj.bytes() + block.fc1.bytes() + block.fc2.bytes();
    return bytes;
}

std::size_t bytes_of(const TextWeights& text) {
    std::size_t bytes = 0;
    for (const auto& layer : text.layers)
        bytes += layer.qkv.bytes() + layer.attention_output.bytes() + layer.intermediate.bytes() + layer.output.bytes();
    return bytes;
}

}  // namespace

bool supports(const ModelConfig& config) {
    const bool every_block = int(config.adapted_blocks().size()) == config.vision.depth;
    return !config.fusion.active() && (config.law.kind == "none" || (config.law.kind == "lowrank" && every_block));
}

std::shared_ptr<const PackedModel> pack_model(const ModelBundle& bundle, const EngineOptions& options) {
    if (!supports(bundle.config)) {
        fail(ErrorCode::unsupported,
             "{}: the engine computes law.kind = lowrank in every block, or none, without fusion; this model has "
             "law.kind "
             "= {} in {} of {} blocks and fusion.kind = {}; use --backend torch",
             bundle.path.string(), bundle.config.law.kind, bundle.config.adapted_blocks().size(),
             bundle.config.vision.depth, bundle.config.fusion.kind);
    }
    const ThreadCount count(std::min(omp_get_max_threads(), usable_threads(0)));  // oneDNN packs
    auto model = std::make_shared<PackedModel>(PackedModel{bundle, {}, {}, {}, {}, {}, options.arithmetic, 0});
    if (options.arithmetic == Arithmetic::as_stored)
        model->arithmetic = storage_of(bundle) == Storage::int8 ? Arithmetic::int8 : Arithmetic::fp32;
    const Reader read(bundle, model->arithmetic);
    model->text = read_text(read, bundle);
    if (bundle.config.law.active()) model->law = read_law(read);
    model->vision = read_vision(read);
    model->box = read_box(read);
    model->mask = read_mask(read);
    model->packed_bytes = bytes_of(model->vision) + bytes_of(model->text) + model->law.Q.bytes() +
                          model->law.P.bytes() + model->mask.up1.bytes();
    return model;
}

}  // namespace vglaw::engine
