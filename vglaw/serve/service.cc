#include "vglaw/serve/service.h"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "vglaw/serve/job_protocols.h"
#include "vglaw/serve/page.h"
#include "vglaw/serve/protocol/inference.h"
#include "vglaw/serve/protocol/route.h"
#include "vglaw/serve/scene_example.h"

namespace vglaw::serve {
namespace {

using Clock = std::chrono::steady_clock;

std::size_t house(const ServiceOptions& options) {
    // What waits, what is computed and what is prepared or finished.
    const std::size_t a_model =
        options.model.batch.queue + std::size_t(options.model.workers) * options.model.batch.max_batch;
    return std::max<std::size_t>(options.models.size(), 1) * a_model + std::size_t(options.pool_threads);
}

HttpResponse json_response(const Json& json) {
    HttpResponse response;
    response.body = json.dump() + "\n";
    return response;
}

HttpResponse text_response(std::string_view type, std::string_view text) {
    HttpResponse response;
    response.content_type = std::string(type);
    response.body = std::string(text);
    return response;
}

/// UTC to the millisecond, as logs want it.
std::string time_of_day() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(now).count() % 1000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, rest);
}

template <typename Number>
std::optional<Number> number_in(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

Service::Service(const ServiceOptions& options, LogLine log)
    : options_(options), log_(std::move(log)), most_in_flight_(house(options)), pool_(options.pool_threads) {
    tokens_ = options.token_file.empty() ? std::make_shared<const BearerTokens>()
                                         : std::make_shared<const BearerTokens>(options.token_file);
    models_ =
        std::make_unique<ModelShelf>(options_.models, options_.model, pool_,
                                     [this](const std::string& model, std::size_t expressions, Duration took) {
                                         metrics_.pass(model, expressions, std::chrono::duration<double>(took).count());
                                     });
    around_ = std::make_unique<JobSurroundings>(
        JobSurroundings{pool_, *models_, metrics_, options_.limits, options_.max_image_pixels});
}

void Service::announce(const std::string& address) {
    for (const auto& model : models_->all()) {
        Json line;
        line["event"] = "model";
        line["model"] = model->description();
        log(std::move(line));
    }
    Json line;
    line["event"] = "listening";
    line["message"] = address;
    log(std::move(line));
}

Service::~Service() {
    for (std::size_t left = in_flight_; left != 0; left = in_flight_) in_flight_.wait(left);
}

bool Service::allowed(const HttpRequest& head) const {
    std::shared_ptr<const BearerTokens> tokens;
    {
        const std::lock_guard lock(tokens_mutex_);
        tokens = tokens_;
    }
    return !tokens->required() || tokens->accepts(head.header("authorization"));
}

std::optional<HttpResponse> Service::refuse_early(const HttpRequest& head, const std::string& id) const {
    Route route;
    try {
        route = find_route(head);
        if (route.needs_token() && !allowed(head))
            refuse(401, "unauthorized", "this needs a token: Authorization: Bearer TOKEN");
        if (route.is_heavy() && (!ready_ || in_flight_ >= most_in_flight_))
            refuse(503, "overloaded", "{}",
                   ready_ ? "the queue is full; try again in a second" : "the server is ending");
        return std::nullopt;
    } catch (const Refusal& refusal) {
        HttpResponse response = route_error(head, refusal.status(), refusal.code(), refusal.what(), id);
        if (refusal.status() == 405) response.headers.emplace_back("Allow", methods_of(head));
        return response;
    }
}

TimePoint Service::deadline_of(const Exchange& exchange) const {
    Duration allowed = options_.deadline;
    if (const auto asked = number_in<std::uint32_t>(exchange.request.header("x-deadline-ms")))
        allowed = std::min<Duration>(allowed, std::chrono::milliseconds(*asked));
    return exchange.received + allowed;
}

void Service::handle(const std::shared_ptr<Exchange>& exchange) {
    HttpResponse response;
    try {
        const Route route = find_route(exchange->request);
        if (route.is_heavy()) {
            ++in_flight_;
            exchange->reply = [this, inner = std::move(exchange->reply)](HttpResponse answer) {
                --in_flight_;  // first: who has its answer finds itself counted no more
                in_flight_.notify_all();
                inner(std::move(answer));
            };
            if (route.kind == RouteKind::scene) return start_scene(exchange);
            return start_ground(
                exchange, route.kind == RouteKind::ground
                              ? ground_protocol(*exchange, options_.limits)
                              : inference_protocol(*exchange, route.model, options_.limits, options_.max_image_pixels));
        }
        response = answer_at_once(exchange->request, exchange->id);
    } catch (const Refusal& refusal) {
        response = route_error(exchange->request, refusal.status(), refusal.code(), refusal.what(), exchange->id);
    }
    exchange->reply(std::move(response));
}

void Service::start_ground(const std::shared_ptr<Exchange>& exchange, JobProtocol protocol) {
    auto job = std::make_shared<GroundJob>(*around_, exchange, std::move(protocol), deadline_of(*exchange));
    pool_.start([job = std::move(job)] { job->prepare(); });
}

void Service::start_scene(const std::shared_ptr<Exchange>& exchange) {
    pool_.start([exchange] {
        HttpResponse response;
        try {
            const std::string text = parse_target(exchange->request.target).value("seed");
            const auto seed = text.empty() ? std::optional<std::uint64_t>(0) : number_in<std::uint64_t>(text);
            if (!seed) refuse(400, "bad_field", "seed is a number from 0 on");
            response.body = scene_example_json(*seed);
        } catch (const Refusal& refusal) {
            response = error_response(refusal.status(), refusal.code(), refusal.what(), exchange->id);
        } catch (const std::exception& error) {
            response = error_response(500, "internal", error.what(), exchange->id);
        }
        exchange->reply(std::move(response));
    });
}

HttpResponse Service::answer_at_once(const HttpRequest& request, const std::string& id) {
    const Route route = find_route(request);
    switch (route.kind) {
        case RouteKind::page: {
            HttpResponse response = text_response("text/html; charset=utf-8", page());
            // Nothing from elsewhere, nobody's frame: what the page promises, held by the browser.
            response.headers.emplace_back("Content-Security-Policy",
                                          "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
                                          "img-src 'self' data: blob:; "
                                          "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action "
                                          "'none'; frame-ancestors 'none'");
            return response;
        }
        case RouteKind::open_api:
            return text_response("application/json", open_api());
        case RouteKind::health:
            return text_response("text/plain; charset=utf-8", "ok\n");
        case RouteKind::ready:
            if (!ready_) return error_response(503, "draining", "the server is ending", id);
            return text_response("text/plain; charset=utf-8", "ready\n");
        case RouteKind::metrics:
            return text_response("text/plain; version=0.0.4; charset=utf-8", metrics_.text(gauges()));
        case RouteKind::models: {
            Json json;
            json["models"] = Json::array();
            for (const auto& model : models_->all()) json["models"].push_back(model->description());
            return json_response(json);
        }
        case RouteKind::v2_server:
            return json_response(inference_server(options_.version));
        case RouteKind::v2_live:
            return text_response("text/plain; charset=utf-8", "");
        case RouteKind::v2_ready:
            if (!ready_) return route_error(request, 503, "draining", "the server is ending", id);
            return text_response("text/plain; charset=utf-8", "");
        case RouteKind::v2_model:
            return json_response(inference_metadata(models_->find(route.model)->name()));
        case RouteKind::v2_model_ready:
            (void)models_->find(route.model);
            if (!ready_) return route_error(request, 503, "draining", "the server is ending", id);
            return text_response("text/plain; charset=utf-8", "");
        case RouteKind::scene:
        case RouteKind::ground:
        case RouteKind::v2_infer:
            break;
    }
    fail(ErrorCode::internal, "a route without an answer: {}", request.target);
}

ServerGauges Service::gauges() const {
    ServerGauges gauges;
    gauges.connections = wire_.connections;
    gauges.body_bytes = wire_.body_bytes;
    gauges.in_flight = in_flight_;
    gauges.ready = ready_;
    for (const auto& model : models_->all())
        gauges.models.push_back({model->name(), model->batcher().waiting(), model->loaded()});
    return gauges;
}

void Service::answered(const HttpRequest& request, const std::string& client, const HttpResponse& response,
                       const std::string& id, double seconds, const Exchange* exchange) {
    const std::string route = route_label(request);
    metrics_.request(route, response.status, seconds);
    if (!response.error.empty()) metrics_.error(response.error);
    if (response.error.empty() && (route == "/healthz" || route == "/readyz" || route == "/metrics")) return;
    Json line;
    line["event"] = "request";
    line["id"] = id;
    line["client"] = client;
    line["method"] = printable_text(std::string_view(request.method).substr(0, 16));
    line["target"] = printable_text(std::string_view(request.target).substr(0, 200));
    line["status"] = response.status;
    if (!response.error.empty()) line["error"] = response.error;
    line["bytes"] = response.body.size();
    line["ms"] = seconds * 1e3;
    if (exchange != nullptr && exchange->expressions > 0) {
        line["expressions"] = exchange->expressions;
        line["queue_ms"] = exchange->queue_ms;
        line["compute_ms"] = exchange->compute_ms;
        line["batch"] = exchange->batch;
    }
    log(std::move(line));
}

void Service::event(const std::string& kind, const std::string& client, const std::string& message) {
    metrics_.error(kind);
    Json line;
    line["event"] = kind;
    if (!client.empty()) line["client"] = client;
    line["message"] = printable_text(message);
    log(std::move(line));
}

void Service::log(Json line) const {
    Json stamped;
    stamped["time"] = time_of_day();
    stamped.update(line);
    log_(stamped.dump());
}

void Service::reload() {
    for (const auto& result : models_->reload()) {
        metrics_.reload(result.failure.empty());
        Json line;
        line["event"] = result.failure.empty() ? "reloaded" : "reload_failed";
        line["model"] = result.name;
        if (!result.failure.empty()) line["message"] = printable_text(result.failure) + "; the old one stays";
        log(std::move(line));
    }
    if (options_.token_file.empty()) return;
    try {
        auto fresh = std::make_shared<const BearerTokens>(options_.token_file);
        const std::lock_guard lock(tokens_mutex_);
        tokens_ = std::move(fresh);
    } catch (const Error& error) {
        event("reload_failed", "", std::string(error.what()) + "; the old tokens stay");
    }
}

}  // namespace vglaw::serve
