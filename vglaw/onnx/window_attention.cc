#include "vglaw/onnx/window_attention.h"

#include <cmath>
#include <utility>

namespace vglaw::onnx {

Value key_places(GraphBuilder& graph, std::int64_t n, std::int64_t head_dim) {
    const std::int64_t width = head_dim + 2 * n;
    std::vector<float> places(std::size_t(n * n * width), 0.0F);
    for (std::int64_t token = 0; token < n * n; ++token) {
        float* components = places.data() + token * width + head_dim;
        components[token / n] = components[n + token % n] = 1;
    }
    return graph.weights("places_" + std::to_string(n), {n * n, width}, places);
}

WindowAttention::WindowAttention(GraphBuilder& graph, const ExportedWeights& weights, int block, Value places)
    : graph_(graph),
      weights_(weights),
      name_("visual_encoder.blocks." + std::to_string(block) + ".attn"),
      places_(std::move(places)) {
    const auto& config = weights.config();
    dim_ = config.vision.dim;
    heads_ = config.vision.heads;
    head_ = dim_ / heads_;
    grid_ = config.vision.grid(config.image);
    n_ = config.vision.is_global(block) ? grid_ : config.vision.window;
    across_ = (grid_ + n_ - 1) / n_;
}

Value WindowAttention::pad(const Value& x) const {
    const std::int64_t missing = across_ * n_ - grid_;
    if (missing == 0) return x;
    const Value rows = graph_.reshape(x, {-1, grid_, grid_, dim_});
    const Value padded = graph_.node("Pad", {rows, graph_.integers({0, 0, 0, 0, 0, missing, missing, 0})});
    return graph_.reshape(padded, {-1, across_ * n_ * across_ * n_, dim_});
}

Value WindowAttention::crop(const Value& x) const {
    if (across_ * n_ == grid_) return x;
    const Value rows = graph_.reshape(x, {-1, across_ * n_, across_ * n_, dim_});
    const Value cropped =
        graph_.node("Slice", {rows, graph_.integers({0, 0}), graph_.integers({grid_, grid_}), graph_.integers({1, 2})});
    return graph_.reshape(cropped, {-1, grid_ * grid_, dim_});
}

Value WindowAttention::project(const Value& x, const std::vector<float>& P, int part) const {
    const auto W0 = weights_.values(name_ + ".qkv.weight"), b = weights_.values(name_ + ".qkv.bias");
    const auto dim = std::size_t(dim_), rank = P.size() / (3 * dim), in = dim + rank, first = std::size_t(part) * dim;
    // q's share of the scores is divided by sqrt(d) once, here; position_table takes it back for the position terms.
    const float scale = part == 0 ? float(1 / std::sqrt(double(head_))) : 1.0F;
    std::vector<float> weight(in * dim), bias(dim);
    for (std::size_t o = 0; o < dim; ++o) {
        bias[o] = scale * b[first + o];
        for (std::size_t i = 0; i < dim; ++i) weight[i * dim + o] = scale * W0[(first + o) * dim + i];
        for (std::size_t r = 0; r < rank; ++r) weight[(dim + r) * dim + o] = scale * P[(first + o) * rank + r];
    }
    static constexpr const char* parts[] = {".q", ".k", ".v"};
    const std::string name = name_ + parts[part];
    const Value product = graph_.matmul(x, graph_.weights(name + ".weight", {std::int64_t(in), dim_}, weight));
    const Value projected = graph_.add(product, graph_.weights(name + ".bias", {dim_}, bias));
    return graph_.reshape(projected, {-1, across_, n_, across_, n_, heads_, head_});
}

Value WindowAttention::windows(const Value& x, bool by_column) const {
    const Shape order = by_column ? Shape{0, 1, 3, 5, 4, 2, 6} : Shape{0, 1, 3, 5, 2, 4, 6};
    return graph_.reshape(graph_.transpose(x, order), {-1, n_, n_, head_});
}

Value WindowAttention::position_table(const std::string& name) const {
    const auto table = weights_.values(name_ + "." + name);  // (2n - 1, d); R[q, k] = table[q - k + n - 1]
    const auto n = std::size_t(n_), head = std::size_t(head_);
    const auto scale = float(std::sqrt(double(head_)));  // q is unscaled in the position terms
    std::vector<float> rows(n * head * n);
    for (std::size_t q = 0; q < n; ++q) {
        for (std::size_t c = 0; c < head; ++c) {
            for (std::size_t k = 0; k < n; ++k)
                rows[(q * head + c) * n + k] = scale * table[(q + n - 1 - k) * head + c];
        }
    }
    return graph_.weights(name_ + "." + name, {n_, head_, n_}, rows);
}

Value WindowAttention::attend(const Value& x, const std::vector<float>& P) const {
    const Value projected_q = project(x, P, 0);
    const Value q = windows(projected_q), k = windows(project(x, P, 1)), v = windows(project(x, P, 2));
    const std::int64_t tokens = n_ * n_;
    // A query's position terms, one number for each row and each column of keys: (groups, n, n, n).
    const Value by_row = graph_.matmul(q, position_table("rel_pos_h"));
    const Value by_column =
        graph_.transpose(graph_.matmul(windows(projected_q, true), position_table("rel_pos_w")), {0, 2, 1, 3});
    // They join the scores within the same product: a key's further 2n components are 1 at its row and at its column.
    // Added to the scores they would cost two more passes over the N x N numbers.
    const Value asking = graph_.reshape(graph_.concat({q, by_row, by_column}, -1), {-1, tokens, head_ + 2 * n_});
    const Value room =
        graph_.node("Pad", {graph_.reshape(k, {-1, tokens, head_}), graph_.integers({0, 0, 0, 0, 0, 2 * n_})});
    const Value answering = graph_.add(room, places_);
    const Value scores = graph_.matmul(asking, graph_.transpose(answering, {0, 2, 1}));  // (groups, N, N)
    const Value heard =
        graph_.matmul(graph_.softmax(scores), graph_.reshape(v, {-1, tokens, head_}));  // (groups, N, d)
    const Value apart = graph_.reshape(heard, {-1, across_, across_, heads_, n_, n_, head_});
    const Value joined =
        graph_.reshape(graph_.transpose(apart, {0, 1, 4, 2, 5, 3, 6}), {-1, across_ * n_ * across_ * n_, dim_});
    return crop(joined);
}

}  // namespace vglaw::onnx
