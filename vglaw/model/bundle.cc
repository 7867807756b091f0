#include "vglaw/model/bundle.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "vglaw/core/error.h"
#include "vglaw/core/shallow_json.h"
#include "vglaw/model/int8_weight.h"

namespace vglaw {
namespace {

constexpr const char* format_version = "1";
/// Of files with int8 tensors, so that a program that knows none says to use a newer one.
constexpr const char* int8_format_version = "2";
constexpr std::size_t max_config_bytes = std::size_t{1} << 20;  // as of a configuration in TOML

void linear(TensorShapes& shapes, const std::string& name, std::int64_t out, std::int64_t in) {
    shapes[name + ".weight"] = {out, in};
    shapes[name + ".bias"] = {out};
}

void norm(TensorShapes& shapes, const std::string& name, std::int64_t width) {
    shapes[name + ".weight"] = {width};
    shapes[name + ".bias"] = {width};
}

void add_text_encoder(TensorShapes& shapes, const TextConfig& text) {
    const std::string root = "text_encoder.";
    shapes[root + "embeddings.word_embeddings.weight"] = {text.vocab_size, text.hidden};
    shapes[root + "embeddings.position_embeddings.weight"] = {text.max_positions, text.hidden};
    shapes[root + "embeddings.token_type_embeddings.weight"] = {2, text.hidden};
    norm(shapes, root + "embeddings.LayerNorm", text.hidden);
    for (int i = 0; i < text.layers; ++i) {
        const std::string layer = fmt::format("{}encoder.layer.{}.", root, i);
        for (const char* name : {"query", "key", "value"}) {
            linear(shapes, layer + "attention.self." + name, text.hidden, text.hidden);
        }
        linear(shapes, layer + "attention.output.dense", text.hidden, text.hidden);
        norm(shapes, layer + "attention.output.LayerNorm", text.hidden);
        linear(shapes, layer + "intermediate.dense", text.ffn, text.hidden);
        linear(shapes, layer + "output.dense", text.hidden, text.ffn);
        norm(shapes, layer + "output.LayerNorm", text.hidden);
    }
}

void add_visual_encoder(TensorShapes& shapes, const ModelConfig& config) {
    const VisionConfig& vision = config.vision;
    const std::string root = "visual_encoder.";
    const std::int64_t dim = vision.dim;
    shapes[root + "patch_embed.proj.weight"] = {dim, 3, vision.patch, vision.patch};
    shapes[root + "patch_embed.proj.bias"] = {dim};
    shapes[root + "pos_embed"] = {1, std::int64_t{vision.position_grid} * vision.position_grid, dim};
    for (int i = 0; i < vision.depth; ++i) {
        const std::string block = fmt::format("{}blocks.{}.", root, i);
        const std::int64_t side = vision.is_global(i) ? vision.grid(config.image) : vision.window;
        norm(shapes, block + "norm1", dim);
        linear(shapes, block + "attn.qkv", 3 * dim, dim);
        linear(shapes, block + "attn.proj", dim, dim);
        shapes[block + "attn.rel_pos_h"] = {2 * side - 1, dim / vision.heads};
        shapes[block + "attn.rel_pos_w"] = {2 * side - 1, dim / vision.heads};
        norm(shapes, block + "norm2", dim);
        linear(shapes, block + "mlp.fc1", vision.mlp_hidden(), dim);
        linear(shapes, block + "mlp.fc2", dim, vision.mlp_hidden());
    }
}

void add_reduction(TensorShapes& shapes, const std::string& name, const ModelConfig& config) {
    const std::int64_t reduced = config.text.hidden / config.law.reduction;
    linear(shapes, name + "reduce", reduced, config.text.hidden);
    if (config.law.norm) norm(shapes, name + "norm", reduced);
}

void add_weight_generator(TensorShapes& shapes, const ModelConfig& config) {
    const LawConfig& law = config.law;
    if (!law.active()) return;
    const std::string root = "weight_generator.";
    const std::int64_t dim = config.vision.dim, rank = law.rank;
    const auto blocks = config.adapted_blocks();
    shapes[root + "layer_embedding"] = {std::int64_t(blocks.size()), config.text.hidden};
    if (law.kind == "lowrank") {
        shapes[root + "P"] = {3 * dim, rank};
        shapes[root + "Q"] = {dim, rank};
    }
    const bool shared = law.kind == "full";
    if (shared) add_reduction(shapes, root, config);
    const std::int64_t generated = law.kind == "lowrank" ? rank * rank
                                   : law.kind == "scale" ? dim
                                   : law.kind == "full"  ? 3 * dim * dim
                                                         : law.kernels;
    for (const int i : blocks) {
        const std::string block = fmt::format("{}blocks.{}.", root, i);
        if (!shared) add_reduction(shapes, block, config);
        linear(shapes, block + "generate", generated, config.text.hidden / law.reduction);
        if (law.kind == "mixture") shapes[block + "kernels"] = {law.kernels, 3 * dim, dim};
    }
}

/// A layer whose matrix and bias, (in + 1, out), are the product of a generated factor (in + 1, K) and a static one.
void dynamic_linear(TensorShapes& shapes, const std::string& name, std::int64_t out, std::int64_t in,
                    const ModelConfig& config) {
    linear(shapes, name + ".generate", (in + 1) * config.fusion.factor, config.text.hidden);
    shapes[name + ".factor"] = {config.fusion.factor, out};
}

void add_fusion(TensorShapes& shapes, const ModelConfig& config) {
    const std::int64_t dim = config.vision.dim, hidden = config.text.hidden;
    for (const int i : config.fused_blocks()) {
        const std::string block = fmt::format("fusion.blocks.{}.", i);
        if (config.fusion.kind == "pwam") {
            for (const char* name : {"query", "out", "vision", "merge", "gate.0", "gate.1"})
                linear(shapes, block + name, dim, dim);
            for (const char* name : {"key", "value"}) linear(shapes, block + name, dim, hidden);
        } else {
            const std::int64_t inner = dim / config.fusion.reduction;
            dynamic_linear(shapes, block + "channel.0", inner, dim, config);
            dynamic_linear(shapes, block + "channel.1", dim, inner, config);
            dynamic_linear(shapes, block + "spatial", 1, dim, config);
        }
    }
}

void add_heads(TensorShapes& shapes, const ModelConfig& config) {
    const BoxHeadConfig& box = config.box_head;
    if (box.pool == "lap") {
        linear(shapes, "box_head.pool.query", box.pool_dim, config.text.hidden);
        linear(shapes, "box_head.pool.key", box.pool_dim, config.vision.dim);
    }
    linear(shapes, "box_head.mlp.0", box.hidden, config.vision.dim);
    linear(shapes, "box_head.mlp.1", box.hidden, box.hidden);
    linear(shapes, "box_head.mlp.2", 4, box.hidden);
    shapes["mask_head.up1.weight"] = {config.vision.dim, config.mask_head.dim, 2, 2};
    shapes["mask_head.up1.bias"] = {config.mask_head.dim};
    norm(shapes, "mask_head.norm", config.mask_head.dim);
    shapes["mask_head.up2.weight"] = {config.mask_head.dim, config.text.hidden, 2, 2};
    shapes["mask_head.up2.bias"] = {config.text.hidden};
}

std::string show(const std::vector<std::int64_t>& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

bool is_float(Dtype dtype) { return dtype == Dtype::f32 || dtype == Dtype::f16 || dtype == Dtype::bf16; }

bool has_int8(const std::map<std::string, TensorView>& tensors) {
    return std::any_of(tensors.begin(), tensors.end(), [](const auto& item) { return item.second.dtype == Dtype::i8; });
}

void check_scales(const std::map<std::string, TensorView>& tensors, const std::string& name, std::int64_t out,
                  const std::string& where) {
    const auto scales = tensors.find(scale_name(name));
    if (scales == tensors.end())
        fail(ErrorCode::corrupt_data, "{}: tensor '{}' is I8 and '{}' is missing", where, name, scale_name(name));
    if (scales->second.dtype != Dtype::f32 || scales->second.shape != std::vector<std::int64_t>{out}) {
        fail(ErrorCode::corrupt_data, "{}: tensor '{}' is {} {}, the scales of '{}' are F32 [{}]", where, scales->first,
             name_of(scales->second.dtype), show(scales->second.shape), name, out);
    }
}

/// The scales of an int8 tensor.
bool is_scale(const std::map<std::string, TensorView>& tensors, const std::string& name) {
    if (!name.ends_with(scale_name(""))) return false;
    const auto scaled = tensors.find(name.substr(0, name.size() - scale_name("").size()));
    return scaled != tensors.end() && scaled->second.dtype == Dtype::i8;
}

void check_tensors(const std::map<std::string, TensorView>& tensors, const TensorShapes& expected,
                   const std::string& where) {
    for (const auto& [name, shape] : expected) {
        const auto found = tensors.find(name);
        if (found == tensors.end()) fail(ErrorCode::corrupt_data, "{}: tensor '{}' is missing", where, name);
        if (found->second.shape != shape) {
            fail(ErrorCode::corrupt_data, "{}: tensor '{}' has shape {}, its config says {}", where, name,
                 show(found->second.shape), show(shape));
        }
        if (found->second.dtype == Dtype::i8 && may_be_int8(name)) {
            check_scales(tensors, name, shape[0], where);
        } else if (!is_float(found->second.dtype)) {
            fail(ErrorCode::unsupported, "{}: tensor '{}' has dtype {}, accepted are F32, F16 and BF16", where, name,
                 name_of(found->second.dtype));
        }
    }
    for (const auto& [name, view] : tensors) {
        if (!expected.contains(name) && !is_scale(tensors, name)) {
            fail(ErrorCode::corrupt_data, "{}: tensor '{}' does not belong to the network its config describes", where,
                 name);
        }
    }
}

const std::string& metadata(const Safetensors& file, const std::string& key, const std::string& where) {
    const auto found = file.metadata().find(key);
    if (found == file.metadata().end()) {
        fail(ErrorCode::unsupported,
             "{} is a safetensors file but not a vglaw model (no '{}'); import other people's weights first", where,
             key);
    }
    return found->second;
}

/// What a caller did wrong elsewhere (invalid_argument) is a damaged file here.
template <typename Read>
auto from_file(const std::string& where, Read read) {
    try {
        return read();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid_argument) throw;
        fail(ErrorCode::corrupt_data, "{}: {}", where, error.what());
    }
}

ModelConfig checked_config(const Json& json) {
    auto config = config_from_json<ModelConfig>(json, "vglaw.config");
    config.validate("vglaw.config");
    return config;
}

void check_vocabulary(const Vocabulary& vocabulary, const ModelConfig& config, const std::string& where) {
    if (vocabulary.size() != static_cast<std::size_t>(config.text.vocab_size)) {
        fail(ErrorCode::corrupt_data, "{}: the vocabulary has {} pieces, text.vocab_size says {}", where,
             vocabulary.size(), config.text.vocab_size);
    }
}

}  // namespace

TensorShapes tensor_shapes(const ModelConfig& config) {
    TensorShapes shapes;
    add_text_encoder(shapes, config.text);
    add_visual_encoder(shapes, config);
    add_weight_generator(shapes, config);
    add_fusion(shapes, config);
    add_heads(shapes, config);
    return shapes;
}

std::vector<float> ModelBundle::values(const std::string& name) const {
    const TensorView& view = tensor(name);
    if (view.dtype != Dtype::i8) return view.to_float();
    const auto scales = tensor(scale_name(name)).to_float();
    return from_int8({reinterpret_cast<const std::int8_t*>(view.bytes.data()), view.bytes.size()}, scales);
}

ModelBundle read_bundle(const std::filesystem::path& path) {
    const std::string where = path.string();
    Safetensors file = Safetensors::open(path);
    const std::string& version = metadata(file, "vglaw.format", where);
    if (version != format_version && version != int8_format_version) {
        fail(ErrorCode::unsupported,
             "{}: model format '{}' is not the '{}' or '{}' this program reads; use a newer vglaw", where,
             version.substr(0, 20), format_version, int8_format_version);
    }
    if (version == format_version && has_int8(file.tensors())) {
        fail(ErrorCode::corrupt_data, "{}: it holds I8 tensors, which model format '{}' does not have", where,
             format_version);
    }
    const std::string& written = metadata(file, "vglaw.config", where);
    if (written.size() > max_config_bytes) {  // parsed it takes up to 64 times as much
        fail(ErrorCode::corrupt_data, "{}: vglaw.config has {} bytes, more than the {} accepted here", where,
             written.size(), max_config_bytes);
    }
    Json json;
    try {
        json = parse_shallow_json(written);
    } catch (const Error& error) {
        fail(error.code(), "{}: vglaw.config: {}", where, error.what());
    } catch (const nlohmann::json::exception& error) {
        fail(ErrorCode::corrupt_data, "{}: vglaw.config is not JSON: {}", where,
             std::string(error.what()).substr(0, 200));
    }
    auto config = from_file(where, [&] { return checked_config(json); });
    auto vocabulary = from_file(where, [&] { return Vocabulary::parse(metadata(file, "vglaw.vocab", where)); });
    check_vocabulary(vocabulary, config, where);
    check_tensors(file.tensors(), tensor_shapes(config), where);
    const auto text = [&](const char* key) {
        const auto found = file.metadata().find(key);
        return found == file.metadata().end() ? std::string() : found->second;
    };
    ModelBundle bundle{path, std::move(config), std::move(vocabulary), text("vglaw.license"), text("vglaw.source"), {}};
    bundle.file = std::move(file);
    return bundle;
}

void write_bundle(const std::filesystem::path& path, const ModelConfig& config, const Vocabulary& vocabulary,
                  const std::map<std::string, TensorView>& tensors, const std::string& license,
                  const std::string& source) {
    check_vocabulary(vocabulary, config, path.string());
    check_tensors(tensors, tensor_shapes(config), path.string());
    write_safetensors(path, tensors,
                      {{"vglaw.format", has_int8(tensors) ? int8_format_version : format_version},
                       {"vglaw.config", config_to_json(config).dump()},
                       {"vglaw.vocab", vocabulary.join()},
                       {"vglaw.license", license},
                       {"vglaw.source", source}});
}

}  // namespace vglaw
