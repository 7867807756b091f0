#include "vglaw/model/grounding_steps.h"

#include <algorithm>
#include <cmath>

#include "vglaw/core/error.h"
#include "vglaw/text/caption.h"
#include "vglaw/text/utf8.h"

namespace vglaw {
namespace {

void check_expression(const std::string& expression) {
    if (expression.size() > longest_expression_bytes) {
        fail(ErrorCode::invalid_argument, "the expression is {} bytes long, accepted are {}; shorten it",
             expression.size(), longest_expression_bytes);
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

GroundingSteps::GroundingSteps(const ModelBundle& bundle) : config_(bundle.config), tokenizer_(bundle.vocabulary) {
    for (std::size_t i = 0; i < 3; ++i) {
        normalization_.mean[i] = float(config_.image.mean[i]);
        normalization_.std[i] = float(config_.image.std[i]);
    }
}

GroundingQuery GroundingSteps::query(const std::string& expression) const {
    check_expression(expression);
    return {expression, tokenizer_.encode(expression, config_.text.max_tokens), {}};
}

std::vector<GroundingQuery> GroundingSteps::phrases(const std::string& text) const {
    check_expression(text);
    const Caption caption = parse_caption(text);
    EncodedCaption encoded = encode_caption(tokenizer_, caption, config_.text.max_tokens);
    std::vector<GroundingQuery> queries;
    for (std::size_t i = 0; i < caption.phrases.size(); ++i) {
        if (!reads_phrase(tokenizer_, caption, encoded, i)) {
            fail(ErrorCode::invalid_argument,
                 "the caption is longer than the {} tokens this model reads, the phrase \"{}\" is beyond; shorten it",
                 config_.text.max_tokens, caption.phrases[i]);
        }
        queries.push_back({caption.phrases[i], encoded.ids, std::move(encoded.spans[i])});
    }
    return queries;
}

bool GroundingSteps::is_cut(const std::string& expression) const {
    return tokenizer_.tokenize(expression).size() + 2 > std::size_t(config_.text.max_tokens);  // + [CLS], [SEP]
}

Letterbox GroundingSteps::place(const Image& image) const {
    if (image.empty()) fail(ErrorCode::invalid_argument, "the picture has no pixels");
    return Letterbox::centred(image.width, image.height, config_.image.size);
}

std::vector<float> GroundingSteps::canvas(const Image& image, const Letterbox& placement) const {
    std::vector<float> canvas(3 * std::size_t(config_.image.size) * std::size_t(config_.image.size));
    letterbox_image(image, placement, normalization_, canvas.data());
    return canvas;
}

Grounding GroundingSteps::finish(const std::string& expression, const Letterbox& placement, const float* box,
                                 const float* mask_logits) const {
    check_box(box);
    Grounding grounding;
    grounding.expression = expression;
    grounding.box_px = placement.box_to_image({box[0], box[1], box[2], box[3]});
    grounding.mask =
        above(placement.logits_to_image(mask_logits), placement.height, placement.width, config_.mask_head.threshold);
    return grounding;
}

Explanation GroundingSteps::explain(const GroundingQuery& query, const Letterbox& placement,
                                    std::span<const float> pool_attention,
                                    std::span<const float> token_attention) const {
    Explanation explanation;
    for (const auto id : query.ids) explanation.tokens.push_back(tokenizer_.vocabulary().piece(id));
    explanation.grid = config_.vision.grid(config_.image);
    explanation.pool_attention.assign(pool_attention.begin(), pool_attention.end());
    if (!token_attention.empty()) {
        explanation.blocks = config_.adapted_blocks();
        explanation.depth = int(explanation.blocks.size());
        explanation.groups = config_.law.groups;
        const std::size_t rows = explanation.blocks.size() * std::size_t(explanation.groups);
        const std::size_t padded = token_attention.size() / rows, length = query.ids.size();
        for (std::size_t row = 0; row < rows; ++row) {
            const auto heard = token_attention.subspan(row * padded, length);
            explanation.token_attention.insert(explanation.token_attention.end(), heard.begin(), heard.end());
        }
    }
    explanation.placement = placement;
    return explanation;
}

void QueryBatch::clear() { queries_.clear(); }

ForwardInput QueryBatch::input(const float* images, bool one_image) {
    std::size_t length = 0;
    bool spans = false;
    for (const auto* query : queries_) {
        length = std::max(length, query->ids.size());
        spans = spans || !query->span.empty();
    }
    const std::size_t count = queries_.size();
    ids_.assign(count * length, 0);
    mask_.assign(count * length, 0);
    span_.assign(count * length, 0);
    for (std::size_t i = 0; i < count; ++i) {
        const auto row = std::ptrdiff_t(i * length);
        const auto& query = *queries_[i];
        std::copy(query.ids.begin(), query.ids.end(), ids_.begin() + row);
        std::fill_n(mask_.begin() + row, query.ids.size(), std::uint8_t{1});
        std::copy(query.span.begin(), query.span.end(), span_.begin() + row);
    }
    return {.batch = int(count),
            .tokens = int(length),
            .images = images,
            .ids = ids_.data(),
            .token_mask = mask_.data(),
            .span_mask = spans ? span_.data() : nullptr,
            .one_image = one_image};
}

}  // namespace vglaw
