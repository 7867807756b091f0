#include "vglaw/model/grounder.h"

#include <algorithm>
#include <chrono>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

/// Expressions a forward pass at most: bounds the memory of a call with many of them.
constexpr std::size_t expressions_a_pass = 16;

}  // namespace

Grounder::Grounder(const ModelBundle& bundle, std::unique_ptr<Forward> forward)
    : steps_(bundle), forward_(std::move(forward)) {}

ForwardOutput Grounder::run(const std::vector<float>& canvas, std::span<const GroundingQuery> queries) {
    QueryBatch batch;
    for (const auto& query : queries) batch.add(query);
    ForwardOutput output;
    forward_->run(batch.input(canvas.data(), true), output);
    return output;
}

std::vector<Grounding> Grounder::ground(const Image& image, std::span<const std::string> expressions) {
    std::vector<GroundingQuery> queries;
    for (const auto& expression : expressions) queries.push_back(query(expression));
    return ground(image, queries);
}

std::vector<Grounding> Grounder::ground(const Image& image, std::span<const GroundingQuery> queries) {
    const Letterbox placement = steps_.place(image);
    const std::size_t pixels = std::size_t(config().image.size) * std::size_t(config().image.size);
    std::vector<Grounding> found;
    std::vector<float> canvas;
    for (std::size_t start = 0; start < queries.size(); start += expressions_a_pass) {
        const auto part = queries.subspan(start, std::min(expressions_a_pass, queries.size() - start));
        const auto begin = std::chrono::steady_clock::now();
        if (canvas.empty()) canvas = steps_.canvas(image, placement);  // the next part finds it already there
        const auto output = run(canvas, part);
        for (std::size_t i = 0; i < part.size(); ++i) {
            found.push_back(steps_.finish(part[i].text, placement, output.boxes_cxcywh.data() + 4 * i,
                                          output.mask_logits.data() + i * pixels));
        }
        const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - begin;
        for (std::size_t i = 0; i < part.size(); ++i)
            found[start + i].milliseconds = spent.count() / double(part.size());
    }
    return found;
}

RawGrounding Grounder::raw(const Image& image, const GroundingQuery& query) {
    RawGrounding raw;
    raw.image = steps_.canvas(image, steps_.place(image));
    auto output = run(raw.image, std::span(&query, 1));
    raw.ids = query.ids;
    raw.box = std::move(output.boxes_cxcywh);
    raw.mask_logits = std::move(output.mask_logits);
    raw.pool_attention = std::move(output.pool_attention);
    raw.token_attention = std::move(output.token_attention);
    return raw;
}

Explanation Grounder::explain(const Image& image, const GroundingQuery& query) {
    const auto raw = this->raw(image, query);
    return steps_.explain(query, steps_.place(image), raw.pool_attention, raw.token_attention);
}

}  // namespace vglaw
