#include "vglaw/onnx/head_nodes.h"

#include <cmath>
#include <string>
#include <vector>

namespace vglaw::onnx {
namespace {

constexpr float mask_norm_eps = 1e-6F;

/// Language-adaptive pooling: (B, N) weights that sum to 1. (W_q f + b_q)·(W_k x + b_k) = x·(W_k^T q) + q·b_k: the keys
/// are never computed, and the last term is the same for every position, so the softmax does not see it.
Value attend_to(GraphBuilder& graph, const ExportedWeights& weights, const Value& F_v, const Value& cls,
                std::int64_t tokens) {
    const std::int64_t dim = weights.config().vision.dim, k = weights.config().box_head.pool_dim;
    auto key = weights.values("box_head.pool.key.weight");  // (k, C)
    const auto scale = float(1 / std::sqrt(double(k)));
    for (float& value : key) value *= scale;
    const Value query = weights.linear(cls, "box_head.pool.query");                                          // (B, k)
    const Value looked_for = graph.matmul(query, graph.weights("box_head.pool.key.weight", {k, dim}, key));  // (B, C)
    const Value scores = graph.matmul(F_v, graph.reshape(looked_for, {-1, dim, 1}));  // (B, N, 1)
    return graph.softmax(graph.reshape(scores, {-1, tokens}));
}

/// (B, 4h, 4w) -> (B, S, S), bilinear, corners aligned.
Value resize_logits(GraphBuilder& graph, const Value& logits, std::int64_t coarse, std::int64_t size) {
    if (coarse == size) return logits;
    const Value channels = graph.reshape(logits, {-1, 1, coarse, coarse});
    const Value batch = graph.node("Shape", {channels}, {{"start", std::int64_t{0}}, {"end", std::int64_t{1}}});
    const Value sizes = graph.concat({batch, graph.integers({1, size, size})}, 0);
    const Value resized =
        graph.node("Resize", {channels, "", "", sizes},
                   {{"mode", std::string("linear")}, {"coordinate_transformation_mode", std::string("align_corners")}});
    return graph.reshape(resized, {-1, size, size});
}

/// (B, N 2 2, dim), pixels in the order (token, dy, dx) -> logits (B, 4h, 4w).
Value fold(GraphBuilder& graph, const ExportedWeights& weights, const Value& x, const Value& cls, std::int64_t grid) {
    const std::int64_t dim = weights.config().mask_head.dim, hidden = weights.config().text.hidden;
    // w'[c, dy, dx] = sum_o w[c, o, dy, dx] F_l1[o], b' = b · F_l1 (model.md section 4)
    const auto up2 = weights.values("mask_head.up2.weight");  // (dim, d_l, 2, 2) -> (d_l, dim, 2 2)
    std::vector<float> kernel(up2.size());
    for (std::int64_t c = 0; c < dim; ++c) {
        for (std::int64_t o = 0; o < hidden; ++o) {
            for (std::int64_t p = 0; p < 4; ++p)
                kernel[std::size_t((o * dim + c) * 4 + p)] = up2[std::size_t((c * hidden + o) * 4 + p)];
        }
    }
    const Value folded = graph.reshape(
        graph.matmul(cls, graph.weights("mask_head.up2.weight", {hidden, dim * 4}, kernel)), {-1, dim, 4});
    const Value bias = graph.weights("mask_head.up2.bias", {hidden, 1}, weights.values("mask_head.up2.bias"));
    const Value offset = graph.reshape(graph.matmul(cls, bias), {-1, 1, 1});
    const Value pixels = graph.reshape(graph.add(graph.matmul(x, folded), offset), {-1, grid, grid, 2, 2, 2, 2});
    return graph.reshape(graph.transpose(pixels, {0, 1, 3, 5, 2, 4, 6}), {-1, 4 * grid, 4 * grid});
}

}  // namespace

BoxNodes predict_box(GraphBuilder& graph, const ExportedWeights& weights, const Value& F_v, const Value& cls) {
    const auto& config = weights.config();
    const std::int64_t dim = config.vision.dim, grid = config.vision.grid(config.image), tokens = grid * grid;
    graph.set_scope("box_head");
    BoxNodes box;
    Value pooled;  // (B, C)
    if (config.box_head.pool == "lap") {
        const Value attention = attend_to(graph, weights, F_v, cls, tokens);
        box.pool_attention = graph.reshape(attention, {-1, grid, grid});
        pooled = graph.reshape(graph.matmul(graph.reshape(attention, {-1, 1, tokens}), F_v), {-1, dim});
    } else {
        pooled = graph.node(config.box_head.pool == "mean" ? "ReduceMean" : "ReduceMax", {F_v},
                            {{"axes", Shape{1}}, {"keepdims", std::int64_t{0}}});
    }
    const Value first = graph.node("Relu", {weights.linear(pooled, "box_head.mlp.0")});
    const Value second = graph.node("Relu", {weights.linear(first, "box_head.mlp.1")});
    box.boxes_cxcywh = graph.node("Sigmoid", {weights.linear(second, "box_head.mlp.2")});
    return box;
}

Value predict_mask(GraphBuilder& graph, const ExportedWeights& weights, const Value& F_v, const Value& cls,
                   bool folded) {
    const auto& config = weights.config();
    const std::int64_t in = config.vision.dim, dim = config.mask_head.dim, hidden = config.text.hidden,
                       grid = config.vision.grid(config.image), size = config.image.size;
    graph.set_scope("mask_head");
    if (folded) {
        // A transposed convolution whose kernel is its stride is a linear layer to 2 x 2 pixels of dim channels.
        const auto up1 = weights.values("mask_head.up1.weight"), bias = weights.values("mask_head.up1.bias");
        std::vector<float> expand(up1.size()), biases;
        for (std::int64_t c = 0; c < in; ++c) {
            for (std::int64_t o = 0; o < dim; ++o) {
                for (std::int64_t p = 0; p < 4; ++p)
                    expand[std::size_t((c * 4 + p) * dim + o)] = up1[std::size_t((c * dim + o) * 4 + p)];
            }
        }
        for (int p = 0; p < 4; ++p) biases.insert(biases.end(), bias.begin(), bias.end());
        Value x = graph.matmul(F_v, graph.weights("mask_head.up1.weight", {in, 4 * dim}, expand));
        x = graph.add(x, graph.weights("mask_head.up1.bias", {4 * dim}, biases));
        x = graph.reshape(x, {-1, grid * grid * 4, dim});
        x = graph.gelu(weights.layer_norm(x, "mask_head.norm", mask_norm_eps));
        return resize_logits(graph, fold(graph, weights, x, cls, grid), 4 * grid, size);
    }
    const auto upsample = [&](const Value& x, const std::string& name) {
        return graph.node("ConvTranspose", {x, weights.as_is(name + ".weight"), weights.as_is(name + ".bias")},
                          {{"kernel_shape", Shape{2, 2}}, {"strides", Shape{2, 2}}});
    };
    Value x = graph.reshape(graph.transpose(F_v, {0, 2, 1}), {-1, in, grid, grid});
    x = graph.transpose(upsample(x, "mask_head.up1"), {0, 2, 3, 1});
    x = graph.transpose(graph.gelu(weights.layer_norm(x, "mask_head.norm", mask_norm_eps)), {0, 3, 1, 2});
    x = graph.reshape(upsample(x, "mask_head.up2"), {-1, hidden, 16 * grid * grid});
    const Value logits = graph.matmul(graph.reshape(cls, {-1, 1, hidden}), x);  // (B, 1, 4h 4w)
    return resize_logits(graph, graph.reshape(logits, {-1, 4 * grid, 4 * grid}), 4 * grid, size);
}

}  // namespace vglaw::onnx
