#include "vglaw/serve/protocol/route.h"

#include <array>
#include <optional>

#include "vglaw/core/config_fields.h"
#include "vglaw/serve/protocol/request_target.h"

namespace vglaw::serve {
namespace {

struct Address {
    const char* path;
    RouteKind kind;
    const char* method;
};

constexpr std::array addresses{
    Address{"/", RouteKind::page, "GET"},
    Address{"/openapi.json", RouteKind::open_api, "GET"},
    Address{"/healthz", RouteKind::health, "GET"},
    Address{"/readyz", RouteKind::ready, "GET"},
    Address{"/metrics", RouteKind::metrics, "GET"},
    Address{"/v1/models", RouteKind::models, "GET"},
    Address{"/v1/scene", RouteKind::scene, "GET"},
    Address{"/v1/ground", RouteKind::ground, "POST"},
    Address{"/v2", RouteKind::v2_server, "GET"},
    Address{"/v2/health/live", RouteKind::v2_live, "GET"},
    Address{"/v2/health/ready", RouteKind::v2_ready, "GET"},
};

struct Found {
    Route route;
    const char *method, *label;
};

/// /v2/models/NAME, with /versions/1 or without, then nothing, /ready or /infer.
std::optional<Found> find_model(std::string_view path) {
    constexpr std::string_view models = "/v2/models/", version = "/versions/1";
    if (!path.starts_with(models)) return std::nullopt;
    path.remove_prefix(models.size());
    const std::string name(path.substr(0, path.find('/')));
    if (name.empty()) return std::nullopt;
    path.remove_prefix(name.size());
    if (path.starts_with(version) && (path.size() == version.size() || path[version.size()] == '/'))
        path.remove_prefix(version.size());
    if (path.empty()) return Found{{RouteKind::v2_model, name}, "GET", "/v2/models"};
    if (path == "/ready") return Found{{RouteKind::v2_model_ready, name}, "GET", "/v2/models/ready"};
    if (path == "/infer") return Found{{RouteKind::v2_infer, name}, "POST", "/v2/models/infer"};
    return std::nullopt;
}

std::optional<Found> find(const HttpRequest& request) {
    std::string path = parse_target(request.target).path;
    if (path.size() > 1 && path.back() == '/') path.pop_back();
    for (const auto& address : addresses) {
        if (path == address.path) return Found{{address.kind, ""}, address.method, address.path};
    }
    return find_model(path);
}

}  // namespace

bool Route::needs_token() const {
    switch (kind) {
        case RouteKind::page:
        case RouteKind::open_api:
        case RouteKind::health:
        case RouteKind::ready:
        case RouteKind::v2_live:
        case RouteKind::v2_ready: return false;
        default: return true;
    }
}

Route find_route(const HttpRequest& request) {
    const auto found = find(request);
    if (!found) refuse(404, "not_found", "there is nothing here; /openapi.json lists what there is");
    const std::string_view asked = request.method == "HEAD" ? "GET" : std::string_view(request.method);
    if (asked != found->method) refuse(405, "method_not_allowed", "this address takes {}", found->method);
    return found->route;
}

std::string methods_of(const HttpRequest& request) {
    const auto found = find(request);
    if (!found) return "";
    return std::string_view(found->method) == "GET" ? "GET, HEAD" : found->method;
}

std::string route_label(const HttpRequest& request) {
    try {
        const auto found = find(request);
        return found ? found->label : "other";
    } catch (const Error&) {
        return "other";
    }
}

HttpResponse route_error(const HttpRequest& request, int status, const std::string& code, const std::string& message,
                         const std::string& request_id) {
    HttpResponse response = error_response(status, code, message, request_id);
    if (request.target.starts_with("/v2")) {
        Json json;
        json["error"] = printable_text(message);
        response.body = json.dump();
    }
    return response;
}

}  // namespace vglaw::serve
