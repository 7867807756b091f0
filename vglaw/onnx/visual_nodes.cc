#include "vglaw/onnx/visual_nodes.h"

#include <map>
#include <string>

#include "vglaw/model/position_tables.h"
#include "vglaw/onnx/window_attention.h"

namespace vglaw::onnx {
namespace {

constexpr float layer_norm_eps = 1e-6F;  // ViTDet's

/// A convolution whose kernel is its stride is a product: (B, 3, S, S) -> (B, N, C).
Value embed_patches(GraphBuilder& graph, const ExportedWeights& weights, const Value& images) {
    const auto& config = weights.config();
    const int patch = config.vision.patch, grid = config.vision.grid(config.image), dim = config.vision.dim;
    graph.set_scope("visual_encoder");
    const Value cut = graph.transpose(graph.reshape(images, {-1, 3, grid, patch, grid, patch}), {0, 2, 4, 1, 3, 5});
    const Value patches = graph.reshape(cut, {-1, grid * grid, 3 * patch * patch});
    const Value x = weights.linear(patches, "visual_encoder.patch_embed.proj");
    const auto positions =
        resize_position_grid(weights.values("visual_encoder.pos_embed"), config.vision.position_grid, grid, dim);
    return graph.add(x, graph.weights("visual_encoder.pos_embed", {grid * grid, dim}, positions));
}

/// x (B, N', C) -> [x | Phi Q^T x] (B, N', C + d_w): what the joined matrix [W0 | P] multiplies (model.md section 2).
Value adapt(GraphBuilder& graph, const Value& x, const Value& Q, const Value& phi) {
    return phi.empty() ? x : graph.concat({x, graph.matmul(graph.matmul(x, Q), phi)}, -1);
}

}  // namespace

Value encode_image(GraphBuilder& graph, const ExportedWeights& weights, const Value& images,
                   const std::vector<Value>& phi) {
    const auto& config = weights.config();
    Value x = embed_patches(graph, weights, images);
    const bool lowrank = !config.adapted_blocks().empty();
    const Value Q = lowrank ? weights.as_is("weight_generator.Q") : Value();
    const auto P = lowrank ? weights.values("weight_generator.P") : std::vector<float>();
    std::map<int, Value> places;  // by the side of a window
    for (int i = 0; i < config.vision.depth; ++i) {
        const std::string name = "visual_encoder.blocks." + std::to_string(i);
        const Value& matrix = phi[std::size_t(i)];
        graph.set_scope("visual_encoder/" + std::to_string(i));
        const int side = config.vision.is_global(i) ? config.vision.grid(config.image) : config.vision.window;
        Value& place = places[side];
        if (place.empty()) place = key_places(graph, side, config.vision.dim / config.vision.heads);
        const WindowAttention attention(graph, weights, i, place);
        const Value normed = attention.pad(weights.layer_norm(x, name + ".norm1", layer_norm_eps));
        const Value attended =
            attention.attend(adapt(graph, normed, Q, matrix), matrix.empty() ? std::vector<float>() : P);
        x = graph.add(x, weights.linear(attended, name + ".attn.proj"));
        const Value inner =
            graph.gelu(weights.linear(weights.layer_norm(x, name + ".norm2", layer_norm_eps), name + ".mlp.fc1"));
        x = graph.add(x, weights.linear(inner, name + ".mlp.fc2"));
    }
    return x;
}

}  // namespace vglaw::onnx
