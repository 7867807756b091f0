#include "vglaw/serve/job_protocols.h"

#include <memory>

#include "vglaw/serve/protocol/inference.h"
#include "vglaw/serve/protocol/route.h"

namespace vglaw::serve {

JobProtocol ground_protocol(const Exchange& exchange, const RequestLimits& limits) {
    JobProtocol protocol;
    protocol.parse = [limits](HttpRequest& request) {
        return parse_ground_request(request, parse_target(request.target), limits);
    };
    protocol.reply = [](const GroundReply& reply) {
        HttpResponse response;
        response.body = reply_json(reply);
        return response;
    };
    protocol.refuse = [id = exchange.id](int status, const std::string& code, const std::string& message) {
        return error_response(status, code, message, id);
    };
    return protocol;
}

JobProtocol inference_protocol(const Exchange& exchange, const std::string& model, const RequestLimits& limits,
                               std::int64_t max_image_pixels) {
    JobProtocol protocol;
    const auto asked = std::make_shared<InferenceRequest>();
    protocol.parse = [asked, model, limits, max_image_pixels](HttpRequest& request) {
        *asked = parse_inference_request(request, limits, max_image_pixels);
        GroundRequest ground = std::move(asked->ground);
        ground.model = model;
        return ground;
    };
    protocol.reply = [asked](const GroundReply& reply) { return inference_response(*asked, reply); };
    protocol.refuse = [id = exchange.id, target = exchange.request.target](int status, const std::string& code,
                                                                           const std::string& message) {
        HttpRequest request;
        request.target = target;
        return route_error(request, status, code, message, id);
    };
    return protocol;
}

}  // namespace vglaw::serve
