#include "vglaw/model/grounder.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "vglaw/core/error.h"
#include "vglaw/text/caption.h"
#include "vglaw/text/utf8.h"

namespace vglaw {
namespace {

/// Expressions a forward pass at most: bounds the memory of a call with many of them.
constexpr std::size_t expressions_a_pass = 16;

void check_expression(const std::string& expression) {
    if (expression.size() > Grounder::max_expression_bytes) {
        fail(ErrorCode::invalid_argument, "the expression is {} bytes long, accepted are {}; shorten it",
             expression.size(), Grounder::max_expression_bytes);
    }
    if (expression.find_first_not_of(" \t\r\n\f\v") == std::string::npos) {
        fail(ErrorCode::invalid_argument, "the expression is empty; say what to look for, such as \"the red ball\"");
    }
    (void)decode_utf8(expression);  // throws; here, so that the last of many is refused before the first has run
}

void check_box(const float* box) {
    if (std::all_of(box, box + 4, [](float value) { return std::isfinite(value); })) return;
    fail(ErrorCode::corrupt_data,
         "the model answers with the box [{}, {}, {}, {}]; its weights are damaged or its training diverged", box[0],
         box[1], box[2], box[3]);
}

Mask above(const std::vector<float>& logits, int height, int width, double probability) {
    const double threshold = std::log(probability / (1 - probability));
    Mask mask(height, width);
    for (std::size_t i = 0; i < logits.size(); ++i) mask.pixels[i] = double(logits[i]) > threshold ? 1 : 0;
    return mask;
}

}  // namespace

Grounder::Grounder(const ModelBundle& bundle, std::unique_ptr<Forward> forward)
    : config_(bundle.config), tokenizer_(bundle.vocabulary), forward_(std::move(forward)) {
    for (std::size_t i = 0; i < 3; ++i) {
        normalization_.mean[i] = float(config_.image.mean[i]);
        normalization_.std[i] = float(config_.image.std[i]);
    }
}

GroundingQuery Grounder::query(const std::string& expression) const {
    check_expression(expression);
    return {expression, tokenizer_.encode(expression, config_.text.max_tokens), {}};
}

std::vector<GroundingQuery> Grounder::phrases(const std::string& text) const {
    check_expression(text);
    const Caption caption = parse_caption(text);
    EncodedCaption encoded = encode_caption(tokenizer_, caption, config_.text.max_tokens);
    std::vector<GroundingQuery> queries;
    for (std::size_t i = 0; i < caption.phrases.size(); ++i) {
        const auto pieces = std::size_t(std::count(encoded.spans[i].begin(), encoded.spans[i].end(), 1));
        if (pieces != tokenizer_.tokenize(caption.phrases[i]).size() || pieces == 0) {
            fail(ErrorCode::invalid_argument,
                 "the caption is longer than the {} tokens this model reads, the phrase \"{}\" is beyond; shorten it",
                 config_.text.max_tokens, caption.phrases[i]);
        }
        queries.push_back({caption.phrases[i], encoded.ids, std::move(encoded.spans[i])});
    }
    return queries;
}

ForwardOutput Grounder::run(const Letterbox& placement, const Image& image, std::span<const GroundingQuery> queries,
                            std::vector<float>& canvas) {
    const std::size_t count = queries.size();
    const std::size_t pixels = 3 * std::size_t(config_.image.size) * std::size_t(config_.image.size);
    if (canvas.empty()) {  // the next part of many expressions finds the picture already there
        canvas.resize(pixels);
        letterbox_image(image, placement, normalization_, canvas.data());
    }
    std::size_t length = 0;
    bool spans = false;
    for (const auto& query : queries) {
        length = std::max(length, query.ids.size());
        spans = spans || !query.span.empty();
    }
    std::vector<std::int64_t> padded(count * length, 0);
    std::vector<std::uint8_t> mask(count * length, 0), span(count * length, 0);
    for (std::size_t i = 0; i < count; ++i) {
        const auto row = std::ptrdiff_t(i * length);
        std::copy(queries[i].ids.begin(), queries[i].ids.end(), padded.begin() + row);
        std::fill_n(mask.begin() + row, queries[i].ids.size(), std::uint8_t{1});
        std::copy(queries[i].span.begin(), queries[i].span.end(), span.begin() + row);
    }
    const ForwardInput input{.batch = int(count),
                             .tokens = int(length),
                             .images = canvas.data(),
                             .ids = padded.data(),
                             .token_mask = mask.data(),
                             .span_mask = spans ? span.data() : nullptr,
                             .one_image = true};
    ForwardOutput output;
    forward_->run(input, output);
    return output;
}

std::vector<Grounding> Grounder::ground(const Image& image, std::span<const std::string> expressions) {
    if (image.empty()) fail(ErrorCode::invalid_argument, "the picture has no pixels");
    for (const auto& expression : expressions) check_expression(expression);
    std::vector<GroundingQuery> queries;
    for (const auto& expression : expressions) queries.push_back(query(expression));
    return ground(image, queries);
}

std::vector<Grounding> Grounder::ground(const Image& image, std::span<const GroundingQuery> queries) {
    if (image.empty()) fail(ErrorCode::invalid_argument, "the picture has no pixels");
    const auto placement = Letterbox::centred(image.width, image.height, config_.image.size);
    const std::size_t pixels = std::size_t(config_.image.size) * std::size_t(config_.image.size);
    std::vector<Grounding> found;
    std::vector<float> canvas;
    for (std::size_t start = 0; start < queries.size(); start += expressions_a_pass) {
        const auto part = queries.subspan(start, std::min(expressions_a_pass, queries.size() - start));
        const auto begin = std::chrono::steady_clock::now();
        const auto output = run(placement, image, part, canvas);
        for (std::size_t i = 0; i < part.size(); ++i) {
            const float* box = output.boxes_cxcywh.data() + 4 * i;
            check_box(box);
            Grounding grounding;
            grounding.expression = part[i].text;
            grounding.box_px = placement.box_to_image({box[0], box[1], box[2], box[3]});
            grounding.mask = above(placement.logits_to_image(output.mask_logits.data() + i * pixels), image.height,
                                   image.width, config_.mask_head.threshold);
            found.push_back(std::move(grounding));
        }
        const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - begin;
        for (std::size_t i = 0; i < part.size(); ++i)
            found[start + i].milliseconds = spent.count() / double(part.size());
    }
    return found;
}

RawGrounding Grounder::raw(const Image& image, const GroundingQuery& query) {
    if (image.empty()) fail(ErrorCode::invalid_argument, "the picture has no pixels");
    const auto placement = Letterbox::centred(image.width, image.height, config_.image.size);
    RawGrounding raw;
    auto output = run(placement, image, std::span(&query, 1), raw.image);
    raw.ids = query.ids;
    raw.box = std::move(output.boxes_cxcywh);
    raw.mask_logits = std::move(output.mask_logits);
    raw.pool_attention = std::move(output.pool_attention);
    raw.token_attention = std::move(output.token_attention);
    return raw;
}

Explanation Grounder::explain(const Image& image, const GroundingQuery& query) {
    auto raw = this->raw(image, query);
    Explanation explanation;
    for (const auto id : raw.ids) explanation.tokens.push_back(tokenizer_.vocabulary().piece(id));
    explanation.grid = config_.vision.grid(config_.image);
    explanation.pool_attention = std::move(raw.pool_attention);
    if (!raw.token_attention.empty()) {
        explanation.blocks = config_.adapted_blocks();
        explanation.depth = int(explanation.blocks.size());
        explanation.groups = config_.law.groups;
        explanation.token_attention = std::move(raw.token_attention);
    }
    explanation.placement = Letterbox::centred(image.width, image.height, config_.image.size);
    return explanation;
}

}  // namespace vglaw
