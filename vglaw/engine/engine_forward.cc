#include "vglaw/engine/engine_forward.h"

#include <algorithm>
#include <exception>
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
/// What passes that run side by side may hold together, where they need not be many.
constexpr int samples_side_by_side = 16;
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

std::size_t weights_a_sample(const ModelConfig& config) {
    return std::size_t(config.vision.depth) * std::size_t(config.law.rank) * std::size_t(config.law.rank);
}

/// The tokens of the phrase that sample b means; null when it means the whole expression.
const std::uint8_t* span_of(const ForwardInput& input, std::size_t b) {
    if (input.span_mask == nullptr) return nullptr;
    const std::uint8_t* span = input.span_mask + b * std::size_t(input.tokens);
    return std::any_of(span, span + input.tokens, [](std::uint8_t marked) { return marked != 0; }) ? span : nullptr;
}

}  // namespace

/// Samples of one run side by side, from the picture to the answer.
struct EngineForward::VisualPlan {
    VisualPlan(const PackedModel& packed, int samples, int threads)
        : model(packed), encoder(packed, samples, threads), box(box_scratch(packed.config())) {
        for (int i = 0; i < samples; ++i)
            masks.emplace_back(packed, encoder.features() + std::size_t(i) * encoder.features_a_sample(),
                               encoder.spare(), threads);
    }

    /// Samples first.. of `asked`, as many as the plan has. phi: (B, depth, d_w, d_w) or null, queries: (B, d_l).
    void run(const ForwardInput& asked, std::size_t first, const float* phi, const float* queries,
             ForwardOutput& output, StageTimes& times) {
        const auto& config = model.config();
        const auto size = std::size_t(config.image.size), hidden = std::size_t(config.text.hidden),
                   grid = std::size_t(config.vision.grid(config.image)), tokens = grid * grid,
                   some = std::size_t(encoder.samples());
        const bool pooled = !output.pool_attention.empty();
        if (phi != nullptr) phi += first * weights_a_sample(config);
        const float* features =  // (some, N, C)
            encoder.run(asked.images + (asked.one_image ? 0 : first * 3 * size * size), asked.one_image, phi, times);
        auto mask = masks.begin();
        for (std::size_t i = 0; i < some; ++i, ++mask) {
            const std::size_t b = first + i;
            const float* cls = queries + b * hidden;
            {
                const StageTimes::Scope timed(times, Stage::box);
                predict_box(model.box, config, features + i * encoder.features_a_sample(), cls,
                            output.boxes_cxcywh.data() + 4 * b,
                            pooled ? output.pool_attention.data() + b * tokens : nullptr, box.data());
            }
            const StageTimes::Scope timed(times, Stage::mask);
            mask->run(cls, output.mask_logits.data() + b * size * size);
        }
    }

    const PackedModel& model;
    VisualEncoder encoder;
    std::list<MaskHead> masks;  // one a sample
    Floats box;                 // scratch
};

/// One thread's plans for samples of its own.
struct EngineForward::Lane {
    VisualPlan& plan_for(const PackedModel& model, int samples) { return visual_for(plans, model, samples, 1); }
    std::list<VisualPlan> plans;
    VisualPlan* plan = nullptr;  // the one in use
    StageTimes times;
    std::exception_ptr failure;
};

EngineForward::EngineForward(std::shared_ptr<const PackedModel> model, int threads)
    : model_(std::move(model)), threads_(usable_threads(threads)) {
    const auto& config = model_->config();
    if (config.law.active())
        law_scratch_ = Floats(std::size_t(threads_) * weight_generation_scratch(config, config.text.max_positions));
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

EngineForward::VisualPlan& EngineForward::visual_for(std::list<VisualPlan>& plans, const PackedModel& model,
                                                     int samples, int threads) {
    for (auto& plan : plans) {
        if (plan.encoder.samples() == samples) return plan;
    }
    return plans.emplace_back(model, samples, threads);
}

std::size_t EngineForward::bytes() const {
    std::size_t bytes = (phi_.size() + queries_.size() + law_scratch_.size()) * sizeof(float);
    for (const auto& text : texts_) bytes += text.bytes();
    for (const auto& plan : visuals_) bytes += plan.encoder.bytes();
    for (const auto& lane : lanes_) {
        for (const auto& plan : lane->plans) bytes += plan.encoder.bytes();
    }
    return bytes;
}

double EngineForward::operations() const { return last_ == nullptr ? 0 : last_->encoder.operations(); }

/// queries_ (B, d_l): F_l^1, or for a phrase of a caption the mean over its tokens. `row`: from one sample's words to
/// the next one's.
void EngineForward::ask(const ForwardInput& input, const float* words, std::size_t row) {
    const auto batch = std::size_t(input.batch), length = std::size_t(input.tokens),
               hidden = std::size_t(model_->config().text.hidden);
    if (queries_.size() < batch * hidden) queries_ = Floats(batch * hidden);
    for (std::size_t b = 0; b < batch; ++b) {
        const float* tokens = words + b * row;
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
               grid = std::size_t(config.vision.grid(config.image)), depth = std::size_t(config.vision.depth),
               generated = weights_a_sample(config);
    const bool active = config.law.active(), pooled = config.box_head.pool != "max";
    output.boxes_cxcywh.resize(batch * 4);
    output.mask_logits.resize(batch * size * size);
    output.pool_attention.resize(pooled ? batch * grid * grid : 0);
    const std::size_t heard = depth * std::size_t(config.law.groups) * length;
    output.token_attention.resize(active ? batch * heard : 0);

    const int texts = input.one_text() ? 1 : input.batch;
    const std::size_t row = texts == 1 ? 0 : length * hidden;
    const float* words = nullptr;  // (texts, L, d_l)
    {
        const StageTimes::Scope timed(times_, Stage::text);
        words = text_for(texts * input.tokens).run(input.ids, input.token_mask, texts, input.tokens);
    }
    ask(input, words, row);
    if (active) {
        const StageTimes::Scope timed(times_, Stage::law);
        if (phi_.size() < batch * generated) phi_ = Floats(batch * generated);
        for (std::size_t b = 0; b < batch; ++b) {
            const std::uint8_t* span = span_of(input, b);
            generate_weights(model_->law, config, words + b * row,
                             span != nullptr ? span : input.token_mask + b * length, input.tokens,
                             phi_.data() + b * generated, output.token_attention.data() + b * heard,
                             law_scratch_.data(), threads_);
        }
    }
    const float* phi = active ? phi_.data() : nullptr;
    std::size_t first = 0;
    while (const std::size_t done = run_apart(input, first, phi, output)) first += done;
    for (std::size_t some = 0; first < batch; first += some) {
        some = std::min(std::size_t(samples_a_pass), batch - first);
        VisualPlan& plan = visual_for(visuals_, *model_, int(some), threads_);
        last_ = &plan;
        plan.run(input, first, phi, queries_.data(), output, times_);
    }
}

/// Of the samples from `first` on as many as can be shared out evenly, each on one thread from end to end: nobody waits
/// for the others within a layer, and what a sample needs stays in its core's cache. Samples of one picture go several
/// to a thread, which then shares what is the picture's alone. Returns how many; what is left when there are none takes
/// every thread together.
std::size_t EngineForward::run_apart(const ForwardInput& input, std::size_t first, const float* phi,
                                     ForwardOutput& output) {
    const std::size_t left = std::size_t(input.batch) - first, threads = std::size_t(threads_);
    if (threads < 2 || left < threads) return 0;
    const std::size_t most = std::clamp<std::size_t>(samples_side_by_side / threads, 1, samples_a_pass);
    // One or the most, nothing between: a lane keeps the plans it made.
    const std::size_t together = input.one_image && left >= threads * most ? most : 1;
    while (lanes_.size() < threads) lanes_.push_back(std::make_unique<Lane>());
    {
        const ThreadCount one(1);  // oneDNN plans for the threads it will find
        for (const auto& lane : lanes_) {
            lane->plan = &lane->plan_for(*model_, int(together));
            lane->times.clear();
            lane->failure = nullptr;
        }
    }
    const std::size_t passes = left / together / threads * threads;
    parallel_for(threads_, passes, [&](std::size_t pass, int thread) {
        Lane& lane = *lanes_[std::size_t(thread)];
        try {
            lane.plan->run(input, first + pass * together, phi, queries_.data(), output, lane.times);
        } catch (...) {
            lane.failure = std::current_exception();
        }
    });
    for (const auto& lane : lanes_) {
        if (lane->failure) std::rethrow_exception(lane->failure);
        times_.add(lane->times, 1.0 / double(threads));
    }
    last_ = lanes_.front()->plan;
    return passes * together;
}

std::unique_ptr<Forward> make_engine_forward(const ModelBundle& bundle, int threads, const EngineOptions& options) {
    return std::make_unique<EngineForward>(pack_model(bundle, options), threads);
}

}  // namespace vglaw::engine
