#include "vglaw/onnx/export_onnx.h"

#include <onnx/checker.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>

#include "vglaw/core/error.h"
#include "vglaw/onnx/exported_weights.h"
#include "vglaw/onnx/graph_builder.h"
#include "vglaw/onnx/head_nodes.h"
#include "vglaw/onnx/language_nodes.h"
#include "vglaw/onnx/message_file.h"
#include "vglaw/onnx/visual_nodes.h"

namespace vglaw::onnx {
namespace {

constexpr int opset = 17, ir_version = 8;  // what ONNX 1.12 introduced; the first opset with LayerNormalization
/// protobuf counts a message's bytes in an int.
constexpr std::uint64_t most_bytes = std::numeric_limits<std::int32_t>::max();

[[noreturn]] void refuse_size(const std::string& where, std::uint64_t bytes) {
    fail(ErrorCode::unsupported,
         "{}: {} MiB of weights do not fit in an ONNX file, which is one protobuf message of at most 2 GiB; export a "
         "smaller model, such as one with a smaller text.vocab_size",
         where, bytes >> 20);
}

/// All the weights as float, with the tables of relative positions written out by query and key.
std::uint64_t weight_bytes(const ModelConfig& config) {
    std::uint64_t numbers = 0;
    for (const auto& [name, shape] : tensor_shapes(config)) {
        std::uint64_t size = 1;
        for (const auto side : shape) size *= std::uint64_t(side);
        numbers += size;
    }
    for (int i = 0; i < config.vision.depth; ++i) {
        const auto n =
            std::uint64_t(config.vision.is_global(i) ? config.vision.grid(config.image) : config.vision.window);
        numbers += 2 * n * n * std::uint64_t(config.vision.dim / config.vision.heads);
    }
    return numbers * sizeof(float);
}

void add_metadata(::onnx::ModelProto& model, std::string_view key, const std::string& value) {
    auto& entry = *model.add_metadata_props();
    entry.set_key(std::string(key));
    entry.set_value(value);
}

/// The paper's figure.
void build_graph(::onnx::GraphProto& proto, const ModelBundle& bundle, const ExportOptions& options) {
    const auto& config = bundle.config;
    const std::int64_t size = config.image.size, grid = config.vision.grid(config.image);
    proto.set_name("vglaw");
    GraphBuilder graph(proto);
    const ExportedWeights weights(bundle, graph);
    const Value images =
        graph.input("images", ::onnx::TensorProto::FLOAT, {"batch", std::int64_t{3}, size, size},
                    "RGB, letterboxed, normalised by vglaw.config's image.mean and image.std, padded with 0");
    const Value ids = graph.input("ids", ::onnx::TensorProto::INT64, {"batch", "tokens"},
                                  "word pieces of vglaw.vocab: [CLS] ... [SEP], padded with 0");
    const Value token_mask = graph.input("token_mask", ::onnx::TensorProto::INT64, {"batch", "tokens"},
                                         "1 where a token stands, 0 elsewhere");

    const Value scores_mask = mask_scores(graph, token_mask);
    const Value F_l = encode_text(graph, weights, ids, scores_mask);
    const Value cls = graph.node("Gather", {F_l, graph.integer(0)}, {{"axis", std::int64_t{1}}});  // (B, d_l)
    const auto phi = generate_weights(graph, weights, F_l, scores_mask);
    const Value F_v = encode_image(graph, weights, images, phi);
    const BoxNodes box = predict_box(graph, weights, F_v, cls);
    const Value mask_logits = predict_mask(graph, weights, F_v, cls, options.folded_head);

    graph.output(box.boxes_cxcywh, "boxes_cxcywh", {"batch", std::int64_t{4}},
                 "centre and size in [0, 1] of the padded canvas");
    graph.output(mask_logits, "mask_logits", {"batch", size, size},
                 "on the padded canvas; the mask is where the sigmoid is above vglaw.config's mask_head.threshold");
    if (!box.pool_attention.empty()) {
        graph.output(box.pool_attention, "pool_attention", {"batch", grid, grid},
                     "where the box head looked; sums to 1 over the canvas");
    }
}

void check(const ::onnx::ModelProto& model) {
    try {
        ::onnx::checker::check_model(model);
    } catch (const ::onnx::checker::ValidationError& error) {
        std::string reason = error.what();
        std::replace(reason.begin(), reason.end(), '\n', ' ');
        fail(ErrorCode::internal, "the graph is not valid ONNX: {}; please report it", reason);
    }
}

}  // namespace

void check_exportable(const ModelConfig& config, const std::string& where) {
    if (config.law.kind != "lowrank" && config.law.kind != "none") {
        fail(ErrorCode::unsupported, "{}: law.kind = {} has no ONNX form here; exported are lowrank and none", where,
             config.law.kind);
    }
    if (config.fusion.active()) {
        fail(ErrorCode::unsupported, "{}: fusion.kind = {} has no ONNX form here; exported are models without fusion",
             where, config.fusion.kind);
    }
    if (const auto bytes = weight_bytes(config); bytes > most_bytes) refuse_size(where, bytes);
}

ExportSummary export_onnx(const ModelBundle& bundle, const ExportOptions& options, const std::filesystem::path& path) {
    check_exportable(bundle.config, bundle.path.string());
    ::onnx::ModelProto model;
    model.set_ir_version(ir_version);
    model.set_producer_name("vglaw");
    model.set_producer_version(options.producer_version);
    model.set_doc_string("VG-LAW, visual grounding: a picture and a referring expression in, box and mask out");
    auto& operators = *model.add_opset_import();
    operators.set_domain("");
    operators.set_version(opset);
    add_metadata(model, "vglaw.config", config_to_json(bundle.config).dump());
    add_metadata(model, "vglaw.vocab", bundle.vocabulary.join());
    add_metadata(model, "vglaw.license", bundle.license);
    add_metadata(model, "vglaw.source", bundle.source);
    add_metadata(model, "vglaw.head", options.folded_head ? "folded" : "plain");
    build_graph(*model.mutable_graph(), bundle, options);
    const auto bytes = model.ByteSizeLong();
    if (bytes > most_bytes) refuse_size(bundle.path.string(), bytes);
    check(model);
    write_message(model, path);
    return {model.graph().node_size(), bytes};
}

}  // namespace vglaw::onnx
