#include "vglaw/engine/engine_forward.h"

#include <algorithm>
#include <thread>

#include "vglaw/core/error.h"
#include "vglaw/engine/kernels.h"
#include "vglaw/engine/parallel.h"
#include "vglaw/engine/weight_generation.h"

namespace vglaw::engine {
namespace {

/// Samples in one pass through the visual encoder: more would only need more memory, the weights are re-used within
/// one.
constexpr int samples_a_pass = 4;
/// Plans are made for multiples of this many token rows, so that expressions of all lengths share a few.
constexpr int rows_a_plan = 8;
constexpr std::size_t text_plans_kept = 6;

void check(const ForwardInput& input, const ModelConfig& config) {
    if (input.batch < 1 || input.tokens < 1) {
        fail(ErrorCode::invalid_argument, "a batch of {} expressions of {} tokens; at least 1 of each", input.batch,
             input.tokens);
    }
    if (input.tokens > config.text.max_positions) {
        fail(ErrorCode::invalid_argument, "{} tokens, the model has {} positions", input.tokens,
             config.text.max_positions);
    }
    if (input.images == nullptr || input.ids == nullptr || input.token_mask == nullptr)
        fail(ErrorCode::invalid_argument, "images, ids or token_mask is null");
    for (int b = 0; b < input.batch; ++b) {
        if (input.token_mask[std::size_t(b) * std::size_t(input.tokens)] == 0)
            fail(ErrorCode::invalid_argument, "expression {} of the batch has no first token", b);
    }
}

/// The tokens of the phrase that sample b means; null when it means the whole expression.
const std::uint8_t* span_of(const ForwardInput& input, std::size_t b) {
    if (input.span_mask == nullptr) return nullptr;
    const std::uint8_t* span = input.span_mask + b * std::size_t(input.tokens);
    return std::any_of(span, span + input.tokens, [](std::uint8_t marked) { return marked != 0; }) ? span : nullptr;
}

}  // namespace

struct EngineForward::VisualPlan {
    VisualPlan(const PackedModel& model, int samples, int threads) : encoder(model, samples, threads) {}
    VisualEncoder encoder;
    std::list<MaskHead> masks;  // one a sample, made when the features' place is known
};

EngineForward::EngineForward(std::shared_ptr<const PackedModel> model, int threads)
    : model_(std::move(model)), threads_(threads) {
    const int cores = int(std::thread::hardware_concurrency());
    if (threads_ < 1) threads_ = cores > 0 ? cores : 1;
    const auto& config = model_->config();
    if (config.law.active())
        law_scratch_ = Floats(std::size_t(threads_) * weight_generation_scratch(config, config.text.max_positions));
    box_scratch_ = Floats(box_scratch(config));
}

EngineForward::~EngineForward() = default;

TextEncoder& EngineForward::text_for(int rows) {
    const int planned = int(round_up(std::size_t(rows), rows_a_plan));
    const auto found =
        std::find_if(texts_.begin(), texts_.end(), [&](const TextEncoder& plan) { return plan.rows() == planned; });
    if (found != texts_.end()) {
        texts_.splice(texts_.begin(), texts_, found);
    } else {
        texts_.emplace_front(model_->text, model_->config().text, planned, threads_);
        if (texts_.size() > text_plans_kept) texts_.pop_back();
    }
    return texts_.front();
}

EngineForward::VisualPlan& EngineForward::visual_for(int samples) {
    for (auto& plan : visuals_) {
        if (plan.encoder.samples() == samples) return plan;
    }
    visuals_.emplace_back(*model_, samples, threads_);
    return visuals_.back();
}

std::size_t EngineForward::bytes() const {
    std::size_t bytes = (phi_.size() + queries_.size() + law_scratch_.size() + box_scratch_.size()) * sizeof(float);
    for (const auto& text : texts_) bytes += text.bytes();
    for (const auto& plan : visuals_) bytes += plan.encoder.bytes();
    return bytes;
}

double EngineForward::operations() const { return last_ == nullptr ? 0 : last_->encoder.operations(); }

/// queries_ (B, d_l): F_l^1, or for a phrase of a caption the mean over its tokens.
void EngineForward::ask(const ForwardInput& input, const float* words) {
    const auto batch = std::size_t(input.batch), length = std::size_t(input.tokens),
               hidden = std::size_t(model_->config().text.hidden);
    if (queries_.size() < batch * hidden) queries_ = Floats(batch * hidden);
    for (std::size_t b = 0; b < batch; ++b) {
        const float* tokens = words + b * length * hidden;
        float* query = queries_.data() + b * hidden;
        const std::uint8_t* span = span_of(input, b);
        if (span == nullptr) {
            std::copy_n(tokens, hidden, query);
            continue;
        }
        std::fill_n(query, hidden, 0.0f);
        const auto count = float(std::count_if(span, span + length, [](std::uint8_t marked) { return marked != 0; }));
        for (std::size_t j = 0; j < length; ++j) {
            if (span[j] != 0) add_scaled(tokens + j * hidden, 1 / count, query, hidden);
        }
    }
}

void EngineForward::run(const ForwardInput& input, ForwardOutput& output) {
    const auto& config = model_->config();
    check(input, config);
    const ThreadCount count(threads_);
    const auto batch = std::size_t(input.batch), length = std::size_t(input.tokens),
               size = std::size_t(config.image.size), hidden = std::size_t(config.text.hidden),
               grid = std::size_t(config.vision.grid(config.image)), tokens = grid * grid,
               dim = std::size_t(config.vision.dim), depth = std::size_t(config.vision.depth),
               matrix = std::size_t(config.law.rank) * std::size_t(config.law.rank);
    const bool active = config.law.active(), pooled = config.box_head.pool != "max";
    output.boxes_cxcywh.resize(batch * 4);
    output.mask_logits.resize(batch * size * size);
    output.pool_attention.resize(pooled ? batch * tokens : 0);
    const std::size_t heard = depth * std::size_t(config.law.groups) * length;
    output.token_attention.resize(active ? batch * heard : 0);

    const float* words = nullptr;  // (B, L, d_l)
    {
        const StageTimes::Scope timed(times_, Stage::text);
        words = text_for(input.batch * input.tokens).run(input.ids, input.token_mask, input.batch, input.tokens);
    }
    ask(input, words);
    if (active) {
        const StageTimes::Scope timed(times_, Stage::law);
        if (phi_.size() < batch * depth * matrix) phi_ = Floats(batch * depth * matrix);
        for (std::size_t b = 0; b < batch; ++b) {
            const std::uint8_t* span = span_of(input, b);
            generate_weights(model_->law, config, words + b * length * hidden,
                             span != nullptr ? span : input.token_mask + b * length, input.tokens,
                             phi_.data() + b * depth * matrix, output.token_attention.data() + b * heard,
                             law_scratch_.data(), threads_);
        }
    }
    for (std::size_t first = 0; first < batch; first += samples_a_pass) {
        const std::size_t some = std::min(std::size_t(samples_a_pass), batch - first);
        VisualPlan& plan = visual_for(int(some));
        last_ = &plan;
        const float* features =
            plan.encoder.run(input.images + (input.one_image ? 0 : first * 3 * size * size), input.one_image,
                             active ? phi_.data() + first * depth * matrix : nullptr, times_);
        if (plan.masks.empty()) {
            for (std::size_t i = 0; i < some; ++i)
                plan.masks.emplace_back(*model_, features + i * tokens * dim, plan.encoder.spare(), threads_);
        }
        auto mask = plan.masks.begin();
        for (std::size_t i = 0; i < some; ++i, ++mask) {
            const std::size_t b = first + i;
            const float* cls = queries_.data() + b * hidden;
            {
                const StageTimes::Scope timed(times_, Stage::box);
                predict_box(model_->box, config, features + i * tokens * dim, cls, output.boxes_cxcywh.data() + 4 * b,
                            pooled ? output.pool_attention.data() + b * tokens : nullptr, box_scratch_.data());
            }
            const StageTimes::Scope timed(times_, Stage::mask);
            mask->run(cls, output.mask_logits.data() + b * size * size);
        }
    }
}

std::unique_ptr<Forward> make_engine_forward(const ModelBundle& bundle, int threads, const EngineOptions& options) {
    return std::make_unique<EngineForward>(pack_model(bundle, options), threads);
}

}  // namespace vglaw::engine
