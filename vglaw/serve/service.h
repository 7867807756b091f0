// Which request means what: the routes, from a request in memory to an answer in memory. No sockets.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "vglaw/serve/bearer_tokens.h"
#include "vglaw/serve/exchange.h"
#include "vglaw/serve/ground_job.h"
#include "vglaw/serve/model_shelf.h"
#include "vglaw/serve/server_metrics.h"
#include "vglaw/serve/work_pool.h"

namespace vglaw::serve {

struct ServiceOptions {
    std::vector<ModelSource> models;
    ModelOptions model;
    RequestLimits limits;
    std::int64_t max_image_pixels = 25'000'000;
    Duration deadline = std::chrono::seconds(10);
    int pool_threads = 2;              ///< decoding and finishing
    std::filesystem::path token_file;  ///< empty: nobody is asked
    std::string version;               ///< of the program
};

class Service {
public:
    /// Opens the models. Throws as ModelShelf and BearerTokens do.
    Service(const ServiceOptions& options, LogLine log);
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;
    ~Service();  ///< every reply has been called by then

    /// What can be refused before the body is read: an unknown route, a method, a token, a full house.
    [[nodiscard]] std::optional<HttpResponse> refuse_early(const HttpRequest& head, const std::string& id) const;
    /// Answers by exchange->reply, now or from another thread. For a request that refuse_early lets pass.
    void handle(const std::shared_ptr<Exchange>& exchange);
    /// What went over the wire, for the log and the metrics; every answer, also those of the server itself.
    void answered(const HttpRequest& request, const std::string& client, const HttpResponse& response,
                  const std::string& id, double seconds, const Exchange* exchange);
    /// Something that has no answer: a connection that broke, one that was turned away.
    void event(const std::string& kind, const std::string& client, const std::string& message);

    /// Says in the log which models are served, and where.
    void announce(const std::string& address);
    /// Model files and tokens again; says in the log what became of each.
    void reload();
    /// /readyz says no from now on.
    void stop_being_ready() { ready_ = false; }

    /// What the server in front of it knows, for /metrics.
    struct WireGauges {
        std::atomic<std::size_t> connections{0}, body_bytes{0};
    };
    [[nodiscard]] WireGauges& wire() { return wire_; }

private:
    HttpResponse answer_at_once(const HttpRequest& request, const std::string& id);
    [[nodiscard]] bool allowed(const HttpRequest& head) const;
    [[nodiscard]] ServerGauges gauges() const;
    void log(Json line) const;
    void start_ground(const std::shared_ptr<Exchange>& exchange, JobProtocol protocol);
    void start_scene(const std::shared_ptr<Exchange>& exchange);
    [[nodiscard]] TimePoint deadline_of(const Exchange& exchange) const;

    ServiceOptions options_;
    LogLine log_;
    ServerMetrics metrics_;
    WireGauges wire_;
    std::atomic<bool> ready_{true};
    std::atomic<std::size_t> in_flight_{0};
    std::size_t most_in_flight_;
    std::shared_ptr<const BearerTokens> tokens_;
    mutable std::mutex tokens_mutex_;
    WorkPool pool_;  // outlives the models, which end on it
    std::unique_ptr<ModelShelf> models_;
    std::unique_ptr<JobSurroundings> around_;
};

}  // namespace vglaw::serve
