// One grounding request: its picture prepared, its expressions batched with others', its answer put together.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "vglaw/serve/exchange.h"
#include "vglaw/serve/model_shelf.h"
#include "vglaw/serve/protocol/ground_reply.h"
#include "vglaw/serve/protocol/ground_request.h"
#include "vglaw/serve/server_metrics.h"
#include "vglaw/serve/work_pool.h"

namespace vglaw::serve {

/// What a job needs of the server; outlives every job.
struct JobSurroundings {
    WorkPool& pool;
    ModelShelf& models;
    ServerMetrics& metrics;
    RequestLimits limits;
    std::int64_t max_image_pixels = 25'000'000;
};

/// How one protocol reads a request and writes answers.
struct JobProtocol {
    std::function<GroundRequest(HttpRequest&)> parse;  ///< throws Refusal
    std::function<HttpResponse(const GroundReply&)> reply;
    std::function<HttpResponse(int status, const std::string& code, const std::string& message)> refuse;
};

class GroundJob final : public BatchClient, public std::enable_shared_from_this<GroundJob> {
public:
    /// `deadline`: a forward pass that would start later does not start.
    GroundJob(JobSurroundings& around, std::shared_ptr<Exchange> exchange, JobProtocol protocol, TimePoint deadline);
    ~GroundJob() override;

    /// Reads, decodes, tokenises and queues; for a thread of the pool. Answers by the exchange's reply, now or later.
    void prepare() noexcept;

    [[nodiscard]] bool abandoned() const override { return exchange_->gone.load(std::memory_order_relaxed); }
    void computed(std::size_t index, const ComputedRow& row) override;
    void uncomputed(std::size_t index, Uncomputed why, const std::string& message) override;

private:
    struct Row {  // the network's words, kept until the last expression is there
        float box_cxcywh[4];
        std::vector<float> mask_logits, pool_attention, token_attention;
    };
    void read();
    void one_less();
    void finish() noexcept;
    [[nodiscard]] HttpResponse answer();
    [[nodiscard]] Image picture() const;
    HttpResponse guarded(const std::function<HttpResponse()>& work) const;
    void send(HttpResponse response);

    JobSurroundings& around_;
    std::shared_ptr<Exchange> exchange_;
    JobProtocol protocol_;
    TimePoint deadline_;
    std::shared_ptr<ServedModel> model_;
    GroundRequest asked_;
    Letterbox placement_;
    std::vector<float> canvas_;  // (3, S, S)
    std::vector<GroundingQuery> queries_;
    std::vector<Row> rows_;
    std::atomic<std::size_t> left_{0};
    std::mutex mutex_;  // over what follows: expressions may be computed in different passes at once
    bool late_ = false;
    std::string failure_;
};

}  // namespace vglaw::serve
