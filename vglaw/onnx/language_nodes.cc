#include "vglaw/onnx/language_nodes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace vglaw::onnx {
namespace {

constexpr float bert_eps = 1e-12F;      // BERT's own
constexpr float reduction_eps = 1e-5F;  // model.md section 2

/// (B, L, d_l) -> (B, heads, L, d)
Value split_heads(GraphBuilder& graph, const Value& x, const TextConfig& text) {
    return graph.transpose(graph.reshape(x, {0, 0, text.heads, text.hidden / text.heads}), {0, 2, 1, 3});
}

/// Written as the exports of other BERTs are, so that runtimes recognise it.
Value text_layer(GraphBuilder& graph, const ExportedWeights& weights, const Value& x, const Value& scores_mask,
                 const std::string& name) {
    const auto& text = weights.config().text;
    const std::string self = name + ".attention.self.";
    const Value q = split_heads(graph, weights.linear(x, self + "query"), text);
    const Value k = split_heads(graph, weights.linear(x, self + "key"), text);
    const Value v = split_heads(graph, weights.linear(x, self + "value"), text);
    const Value products = graph.matmul(q, graph.transpose(k, {0, 1, 3, 2}));  // (B, heads, L, L)
    const auto divisor = float(std::sqrt(double(text.hidden / text.heads)));
    const Value scores = graph.add(graph.node("Div", {products, graph.scalar(divisor)}), scores_mask);
    const Value heard = graph.transpose(graph.matmul(graph.softmax(scores), v), {0, 2, 1, 3});
    const Value joined = graph.reshape(heard, {0, 0, text.hidden});
    const Value attended = weights.layer_norm(graph.add(weights.linear(joined, name + ".attention.output.dense"), x),
                                              name + ".attention.output.LayerNorm", bert_eps);  // post-norm
    const Value inner = graph.gelu(weights.linear(attended, name + ".intermediate.dense"));
    return weights.layer_norm(graph.add(weights.linear(inner, name + ".output.dense"), attended),
                              name + ".output.LayerNorm", bert_eps);
}

/// The blocks' reductions or generators as one batch of products: (A, in, out) and (A, 1, out), A blocks that adapt.
/// row_of: which of a block's rows becomes column i.
template <typename RowOf>
Value linear_for_each_block(GraphBuilder& graph, const ExportedWeights& weights, const Value& x,
                            const std::string& layer, std::size_t in, std::size_t out, RowOf row_of) {
    const auto blocks = weights.config().adapted_blocks();
    std::vector<float> weight(blocks.size() * in * out), bias(blocks.size() * out);
    for (std::size_t a = 0; a < blocks.size(); ++a) {
        const std::string name = "weight_generator.blocks." + std::to_string(blocks[a]) + "." + layer;
        const auto w = weights.values(name + ".weight"), b = weights.values(name + ".bias");  // (out, in), (out)
        for (std::size_t i = 0; i < out; ++i) {
            bias[a * out + i] = b[row_of(i)];
            for (std::size_t j = 0; j < in; ++j) weight[(a * in + j) * out + i] = w[row_of(i) * in + j];
        }
    }
    const auto count = std::int64_t(blocks.size());
    const Value product = graph.matmul(x, graph.weights("weight_generator." + layer + ".weight",
                                                        {count, std::int64_t(in), std::int64_t(out)}, weight));
    return graph.add(product,
                     graph.weights("weight_generator." + layer + ".bias", {count, 1, std::int64_t(out)}, bias));
}

/// The blocks' LayerNorms over (A, B, d_h): the op has one scale and shift, so these follow as products and sums.
Value norm_for_each_block(GraphBuilder& graph, const ExportedWeights& weights, const Value& x, std::size_t width) {
    const auto blocks = weights.config().adapted_blocks();
    std::vector<float> scale, shift;
    for (const int block : blocks) {
        const std::string name = "weight_generator.blocks." + std::to_string(block) + ".norm";
        const auto w = weights.values(name + ".weight"), b = weights.values(name + ".bias");
        scale.insert(scale.end(), w.begin(), w.end());
        shift.insert(shift.end(), b.begin(), b.end());
    }
    const auto count = std::int64_t(blocks.size()), size = std::int64_t(width);
    const Value ones = graph.weights("weight_generator.norm.ones", {size}, std::vector<float>(width, 1.0F));
    const Value zeros = graph.weights("weight_generator.norm.zeros", {size}, std::vector<float>(width, 0.0F));
    const Value normed = graph.layer_norm(x, ones, zeros, reduction_eps);
    return graph.add(graph.multiply(normed, graph.weights("weight_generator.norm.weight", {count, 1, size}, scale)),
                     graph.weights("weight_generator.norm.bias", {count, 1, size}, shift));
}

/// h0 (A, B, d_l): for every block that adapts, what it gathers of the words it needs.
Value gather_words(GraphBuilder& graph, const ExportedWeights& weights, const Value& F_l, const Value& scores_mask) {
    const auto& config = weights.config();
    const auto groups = std::size_t(config.law.groups), hidden = std::size_t(config.text.hidden),
               width = hidden / groups, count = config.adapted_blocks().size();
    auto embedding = weights.values("weight_generator.layer_embedding");  // (A, d_l) -> (G, A, d_g)
    std::vector<float> asks(embedding.size());
    const double scale = config.law.scale_scores ? 1 / std::sqrt(double(width)) : 1.0;
    for (std::size_t a = 0; a < count; ++a) {
        for (std::size_t i = 0; i < hidden; ++i)
            asks[(i / width * count + a) * width + i % width] = float(scale * embedding[a * hidden + i]);
    }
    const Shape asks_shape{std::int64_t(groups), std::int64_t(count), std::int64_t(width)};
    const Value grouped = graph.reshape(F_l, {0, 0, std::int64_t(groups), std::int64_t(width)});  // (B, L, G, d_g)
    const Value words = graph.transpose(grouped, {0, 2, 1, 3});                                   // (B, G, L, d_g)
    const Value scores = graph.matmul(graph.weights("weight_generator.layer_embedding", asks_shape, asks),
                                      graph.transpose(grouped, {0, 2, 3, 1}));      // (B, G, A, L)
    const Value alpha = graph.softmax(graph.add(scores, scores_mask));              // (B, G, A, L)
    const Value heard = graph.transpose(graph.matmul(alpha, words), {2, 0, 1, 3});  // (A, B, G, d_g)
    return graph.reshape(heard, {0, 0, std::int64_t(hidden)});
}

}  // namespace

Value mask_scores(GraphBuilder& graph, const Value& token_mask) {
    graph.set_scope("token_mask");
    const Value stands = graph.node("Cast", {token_mask}, {{"to", std::int64_t{::onnx::TensorProto::BOOL}}});
    const Value scores =
        graph.node("Where", {stands, graph.scalar(0), graph.scalar(std::numeric_limits<float>::lowest())});
    return graph.node("Unsqueeze", {scores, graph.integers({1, 2})});
}

Value encode_text(GraphBuilder& graph, const ExportedWeights& weights, const Value& ids, const Value& scores_mask) {
    const auto& text = weights.config().text;
    const std::string embeddings = "text_encoder.embeddings.";
    graph.set_scope("text_encoder");
    auto positions = weights.values(embeddings + "position_embeddings.weight");
    const auto type = weights.values(embeddings + "token_type_embeddings.weight");  // every token is of type 0
    for (std::size_t i = 0; i < positions.size(); ++i) positions[i] += type[i % std::size_t(text.hidden)];
    const Value words = graph.node("Gather", {weights.as_is(embeddings + "word_embeddings.weight"), ids});
    const Value length = graph.node("Shape", {ids}, {{"start", std::int64_t{1}}, {"end", std::int64_t{2}}});  // (1)
    const Value places = graph.node("Slice", {graph.weights(embeddings + "position_embeddings.weight",
                                                            {text.max_positions, text.hidden}, positions),
                                              graph.integers({0}), length, graph.integers({0})});  // (L, d_l)
    Value x = weights.layer_norm(graph.add(words, places), embeddings + "LayerNorm", bert_eps);
    for (int i = 0; i < text.layers; ++i) {
        graph.set_scope("text_encoder/" + std::to_string(i));
        x = text_layer(graph, weights, x, scores_mask, "text_encoder.encoder.layer." + std::to_string(i));
    }
    return x;
}

std::vector<Value> generate_weights(GraphBuilder& graph, const ExportedWeights& weights, const Value& F_l,
                                    const Value& scores_mask) {
    const auto& config = weights.config();
    std::vector<Value> phi(std::size_t(config.vision.depth));
    const auto blocks = config.adapted_blocks();
    if (blocks.empty()) return phi;
    graph.set_scope("weight_generator");
    const auto hidden = std::size_t(config.text.hidden), reduced = hidden / std::size_t(config.law.reduction),
               rank = std::size_t(config.law.rank);
    Value h = gather_words(graph, weights, F_l, scores_mask);
    h = linear_for_each_block(graph, weights, h, "reduce", hidden, reduced, [](std::size_t row) { return row; });
    if (config.law.norm) h = norm_for_each_block(graph, weights, h, reduced);
    // The generator's rows in the order that makes its output Phi^T: no transposition when the graph runs.
    const auto turned = [rank](std::size_t i) { return i % rank * rank + i / rank; };
    const Value all =
        linear_for_each_block(graph, weights, graph.gelu(h), "generate", reduced, rank * rank, turned);  // (A, B, d_w²)
    for (std::size_t a = 0; a < blocks.size(); ++a) {
        const Value one = graph.node("Gather", {all, graph.integer(std::int64_t(a))});
        phi[std::size_t(blocks[a])] = graph.reshape(one, {-1, config.law.rank, config.law.rank});
    }
    return phi;
}

}  // namespace vglaw::onnx
