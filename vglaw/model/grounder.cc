#include "vglaw/model/grounder.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "vglaw/core/error.h"
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

ForwardOutput Grounder::run(const Letterbox& placement, const Image& image, std::span<const std::string> expressions,
                            std::vector<std::vector<std::int64_t>>& ids, std::vector<float>& canvas) {
    const std::size_t count = expressions.size();
    const std::size_t pixels = 3 * std::size_t(config_.image.size) * std::size_t(config_.image.size);
    if (canvas.size() < count * pixels) {  // a last, shorter part finds its pictures already there
        canvas.resize(count * pixels);
        letterbox_image(image, placement, normalization_, canvas.data());
        for (std::size_t i = 1; i < count; ++i)
            std::copy_n(canvas.begin(), pixels, canvas.begin() + std::ptrdiff_t(i * pixels));
    }
    ids.clear();
    std::size_t length = 0;
    for (const auto& expression : expressions) {
        ids.push_back(tokenizer_.encode(expression, config_.text.max_tokens));
        length = std::max(length, ids.back().size());
    }
    std::vector<std::int64_t> padded(count * length, 0);
    std::vector<std::uint8_t> mask(count * length, 0);
    for (std::size_t i = 0; i < count; ++i) {
        std::copy(ids[i].begin(), ids[i].end(), padded.begin() + std::ptrdiff_t(i * length));
        std::fill_n(mask.begin() + std::ptrdiff_t(i * length), ids[i].size(), std::uint8_t{1});
    }
    ForwardInput input{int(count), int(length), canvas.data(), padded.data(), mask.data()};
    ForwardOutput output;
    forward_->run(input, output);
    return output;
}

std::vector<Grounding> Grounder::ground(const Image& image, std::span<const std::string> expressions) {
    if (image.empty()) fail(ErrorCode::invalid_argument, "the picture has no pixels");
    for (const auto& expression : expressions) check_expression(expression);
    const auto placement = Letterbox::centred(image.width, image.height, config_.image.size);
    const std::size_t pixels = std::size_t(config_.image.size) * std::size_t(config_.image.size);
    std::vector<Grounding> found;
    std::vector<std::vector<std::int64_t>> ids;
    std::vector<float> canvas;
    for (std::size_t start = 0; start < expressions.size(); start += expressions_a_pass) {
        const auto part = expressions.subspan(start, std::min(expressions_a_pass, expressions.size() - start));
        const auto begin = std::chrono::steady_clock::now();
        const auto output = run(placement, image, part, ids, canvas);
        for (std::size_t i = 0; i < part.size(); ++i) {
            const float* box = output.boxes_cxcywh.data() + 4 * i;
            check_box(box);
            Grounding grounding;
            grounding.expression = part[i];
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

RawGrounding Grounder::raw(const Image& image, const std::string& expression) {
    if (image.empty()) fail(ErrorCode::invalid_argument, "the picture has no pixels");
    check_expression(expression);
    const auto placement = Letterbox::centred(image.width, image.height, config_.image.size);
    std::vector<std::vector<std::int64_t>> ids;
    RawGrounding raw;
    auto output = run(placement, image, std::span(&expression, 1), ids, raw.image);
    raw.ids = std::move(ids.front());
    raw.box = std::move(output.boxes_cxcywh);
    raw.mask_logits = std::move(output.mask_logits);
    raw.pool_attention = std::move(output.pool_attention);
    raw.token_attention = std::move(output.token_attention);
    return raw;
}

Explanation Grounder::explain(const Image& image, const std::string& expression) {
    auto raw = this->raw(image, expression);
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
