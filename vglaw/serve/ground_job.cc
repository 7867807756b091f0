#include "vglaw/serve/ground_job.h"

#include <algorithm>
#include <new>

#include "vglaw/image/decode.h"
#include "vglaw/image/draw.h"
#include "vglaw/image/encode.h"

namespace vglaw::serve {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds(Duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

/// Pixels of all masks together that are kept as pixels (an overlay, or masks asked for as such), not as runs.
constexpr std::int64_t most_mask_pixels = 64 << 20;

std::string text_of(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

GroundJob::GroundJob(JobSurroundings& around, std::shared_ptr<Exchange> exchange, JobProtocol protocol,
                     TimePoint deadline)
    : around_(around), exchange_(std::move(exchange)), protocol_(std::move(protocol)), deadline_(deadline) {}

GroundJob::~GroundJob() = default;

void GroundJob::prepare() noexcept {
    const TimePoint begin = Clock::now();
    if (abandoned()) return send(protocol_.refuse(499, "client_gone", "the client closed the connection"));
    if (begin >= deadline_)
        return send(protocol_.refuse(504, "deadline", "the deadline passed before the request's turn came"));
    bool queued = false;
    HttpResponse refused = guarded([&] {
        read();
        const auto self = shared_from_this();
        std::vector<BatchItem> items;
        for (std::size_t i = 0; i < queries_.size(); ++i)
            items.push_back({self, i, canvas_.data(), &queries_[i], deadline_, {}});
        around_.metrics.stage("prepare", milliseconds(Clock::now() - begin) / 1e3);
        queued = model_->batcher().push(std::move(items));
        if (!queued) refuse(503, "overloaded", "the queue is full; try again in a second");
        return HttpResponse{};
    });
    if (!queued) send(std::move(refused));
}

void GroundJob::read() {
    asked_ = protocol_.parse(exchange_->request);
    std::string().swap(exchange_->request.body);  // what is needed of it is in asked_
    model_ = around_.models.find(asked_.model);
    const GroundingSteps& steps = model_->steps();
    if (asked_.caption.empty()) {
        for (const auto& expression : asked_.expressions) queries_.push_back(steps.query(expression));
    } else {
        queries_ = steps.phrases(asked_.caption);
        if (queries_.size() > around_.limits.expressions) {
            refuse(422, "too_many_expressions", "{} phrases, accepted in one request are {}", queries_.size(),
                   around_.limits.expressions);
        }
    }
    {
        const Image image = picture();
        placement_ = steps.place(image);
        if (asked_.overlay_png || asked_.mask_pixels) {
            const std::int64_t pixels = std::int64_t(image.width) * image.height * std::int64_t(queries_.size());
            if (pixels > most_mask_pixels) {
                refuse(422, "too_many_mask_pixels",
                       "{} masks of {} x {} pixels are too many for an answer in pixels; ask for runs (RLE), or for fewer",
                       queries_.size(), image.width, image.height);
            }
        }
        canvas_ = steps.canvas(image, placement_);
    }
    if (!asked_.overlay_png) {  // else it is decoded again, which costs no memory meanwhile
        std::string().swap(asked_.image);
        asked_.pixels = {};
    }
    rows_.resize(queries_.size());
    left_ = queries_.size();
    exchange_->expressions = queries_.size();
}

Image GroundJob::picture() const {
    if (!asked_.pixels.empty()) return asked_.pixels;
    try {
        return decode_image({reinterpret_cast<const std::uint8_t*>(asked_.image.data()), asked_.image.size()},
                            "the picture", {.max_pixels = around_.max_image_pixels});
    } catch (const Error& error) {
        if (error.code() == ErrorCode::unsupported) refuse(415, "unsupported_image", "{}", error.what());
        if (error.code() == ErrorCode::corrupt_data) refuse(400, "bad_image", "{}", error.what());
        throw;
    }
}

void GroundJob::computed(std::size_t index, const ComputedRow& row) {
    Row& kept = rows_[index];
    std::copy_n(row.box_cxcywh, 4, kept.box_cxcywh);
    kept.mask_logits.assign(row.mask_logits.begin(), row.mask_logits.end());
    if (asked_.explain) {
        kept.pool_attention.assign(row.pool_attention.begin(), row.pool_attention.end());
        kept.token_attention.assign(row.token_attention.begin(), row.token_attention.end());
    }
    {
        const std::lock_guard lock(mutex_);
        exchange_->queue_ms = std::max(exchange_->queue_ms, milliseconds(row.started - row.queued));
        exchange_->compute_ms = std::max(exchange_->compute_ms, milliseconds(row.finished - row.started));
        exchange_->batch = std::max(exchange_->batch, row.batch);
    }
    one_less();
}

void GroundJob::uncomputed(std::size_t /*index*/, Uncomputed why, const std::string& message) {
    {
        const std::lock_guard lock(mutex_);
        if (why == Uncomputed::late) late_ = true;
        if (why == Uncomputed::failed) failure_ = message;
    }
    one_less();
}

void GroundJob::one_less() {
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1)
        around_.pool.finish([self = shared_from_this()] { self->finish(); });
}

void GroundJob::finish() noexcept {
    const TimePoint begin = Clock::now();
    around_.metrics.stage("queue", exchange_->queue_ms / 1e3);
    if (abandoned()) return send(protocol_.refuse(499, "client_gone", "the client closed the connection"));
    HttpResponse response = guarded([this] {
        if (!failure_.empty()) fail(ErrorCode::internal, "{}", failure_);
        if (late_) refuse(504, "deadline", "the deadline passed before the request's turn came");
        return answer();
    });
    around_.metrics.stage("finish", milliseconds(Clock::now() - begin) / 1e3);
    send(std::move(response));
}

HttpResponse GroundJob::answer() {
    const GroundingSteps& steps = model_->steps();
    GroundReply reply;
    reply.model = model_->name();
    reply.width = placement_.width;
    reply.height = placement_.height;
    reply.request_id = exchange_->id;
    std::vector<DrawnGrounding> drawn;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        const Row& row = rows_[i];
        Grounding found = steps.finish(queries_[i].text, placement_, row.box_cxcywh, row.mask_logits.data());
        GroundedExpression one;
        one.expression = found.expression;
        one.box_px = found.box_px;
        one.mask_counts = to_coco_string(encode(found.mask));
        one.mask_area = area(found.mask);
        one.truncated = asked_.caption.empty() && steps.is_cut(found.expression);
        if (asked_.mask_png) one.mask_png = text_of(encode_png_gray(found.mask));
        if (asked_.explain)
            one.explanation = steps.explain(queries_[i], placement_, row.pool_attention, row.token_attention);
        if (asked_.mask_pixels) reply.mask_pixels.append(found.mask.pixels.begin(), found.mask.pixels.end());
        if (asked_.overlay_png) drawn.push_back({found.expression, found.box_px, std::move(found.mask)});
        reply.results.push_back(std::move(one));
    }
    if (asked_.overlay_png) reply.overlay_png = text_of(encode_png(draw_grounding(picture(), drawn)));
    reply.milliseconds = {exchange_->queue_ms, exchange_->compute_ms, milliseconds(Clock::now() - exchange_->received)};
    return protocol_.reply(reply);
}

HttpResponse GroundJob::guarded(const std::function<HttpResponse()>& work) const {
    try {
        return work();
    } catch (const Refusal& refusal) {
        return protocol_.refuse(refusal.status(), refusal.code(), refusal.what());
    } catch (const Error& error) {
        // What the model says of an expression is the caller's business, the rest is ours.
        if (error.code() == ErrorCode::invalid_argument) return protocol_.refuse(422, "bad_expression", error.what());
        return protocol_.refuse(500, "failed", error.what());
    } catch (const std::bad_alloc&) {
        return protocol_.refuse(503, "out_of_memory", "the server has no memory for this request");
    } catch (const std::exception& error) {
        return protocol_.refuse(500, "internal", error.what());
    }
}

void GroundJob::send(HttpResponse response) { exchange_->reply(std::move(response)); }

}  // namespace vglaw::serve
