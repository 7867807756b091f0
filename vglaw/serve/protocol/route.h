// The addresses of the server: what each is, who may ask for it, how an error looks there.
#pragma once

#include <string>

#include "vglaw/serve/protocol/http_message.h"

namespace vglaw::serve {

enum class RouteKind {
    page,
    open_api,
    health,
    ready,
    metrics,
    models,
    scene,
    ground,
    v2_server,       ///< /v2
    v2_live,         ///< /v2/health/live
    v2_ready,        ///< /v2/health/ready
    v2_model,        ///< /v2/models/NAME[/versions/1]
    v2_model_ready,  ///< ... /ready
    v2_infer,        ///< ... /infer
};

struct Route {
    RouteKind kind = RouteKind::page;
    std::string model;  ///< NAME, for /v2/models/NAME

    /// It computes: it is counted, bounded, and refused when the house is full.
    [[nodiscard]] bool is_heavy() const {
        return kind == RouteKind::scene || kind == RouteKind::ground || kind == RouteKind::v2_infer;
    }
    /// Everything but the page, the description and the probes.
    [[nodiscard]] bool needs_token() const;
};

/// Throws Refusal: 400 for a broken address, 404, 405 for another method (HEAD counts as GET).
[[nodiscard]] Route find_route(const HttpRequest& request);
/// The methods of that address, for Allow.
[[nodiscard]] std::string methods_of(const HttpRequest& request);
/// A name for the metrics, of which there are few: "/v1/ground", "/v2/models/infer", "other".
[[nodiscard]] std::string route_label(const HttpRequest& request);
/// As error_response, or under /v2 as that protocol has it: {"error": "..."}.
[[nodiscard]] HttpResponse route_error(const HttpRequest& request, int status, const std::string& code,
                                       const std::string& message, const std::string& request_id);

}  // namespace vglaw::serve
