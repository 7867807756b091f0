// The Open Inference Protocol: JSON, and the binary tensors behind it.
#include "vglaw/serve/protocol/inference.h"

#include "tests/fuzz/contract.h"
#include "tests/fuzz/request_lines.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vglaw;
    serve::HttpRequest request = fuzz::request_of(data, size, "Inference-Header-Content-Length");
    fuzz::read_or_refuse([&] {
        constexpr serve::RequestLimits limits{.expressions = 8};
        const auto asked = serve::parse_inference_request(request, limits, 1 << 12);
        const Image& pixels = asked.ground.pixels;
        fuzz::require(pixels.empty() != asked.ground.image.empty(), "one picture, encoded or not");
        fuzz::require(pixels.rgb.size() == 3 * std::size_t(pixels.width) * std::size_t(pixels.height), "of its size");
        fuzz::require(!asked.ground.expressions.empty() && asked.ground.expressions.size() <= limits.expressions,
                      "expressions are bounded");
        fuzz::require(!asked.outputs.empty() && asked.outputs.size() <= 4, "outputs are bounded");
        serve::GroundReply reply;
        reply.width = reply.height = 2;
        reply.results.resize(asked.ground.expressions.size());
        if (asked.ground.mask_pixels) reply.mask_pixels.assign(4 * reply.results.size(), 1);
        const auto response = serve::inference_response(asked, reply);
        std::size_t json = response.body.size();
        for (const auto& [name, value] : response.headers) json = std::stoul(value);
        fuzz::require(Json::parse(response.body.substr(0, json)).at("outputs").size() == asked.outputs.size(),
                      "the answer has what was asked for");
    });
    return 0;
}
