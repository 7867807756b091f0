// POST /v1/ground: the address, forms, JSON, bare pictures.
#include "vglaw/serve/protocol/ground_request.h"

#include "tests/fuzz/contract.h"
#include "tests/fuzz/request_lines.h"
#include "vglaw/serve/protocol/route.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vglaw;
    serve::HttpRequest request = fuzz::request_of(data, size, "Content-Type");
    fuzz::require(!serve::route_label(request).empty(), "every address has a label");
    fuzz::read_or_refuse([&] { (void)serve::find_route(request); });
    fuzz::read_or_refuse([&] {
        constexpr serve::RequestLimits limits{.expressions = 8};
        const std::size_t sent = size;
        const auto asked = serve::parse_ground_request(request, serve::parse_target(request.target), limits);
        fuzz::require(!asked.image.empty() && asked.image.size() <= sent, "a picture is what was sent");
        fuzz::require(asked.expressions.size() <= limits.expressions, "expressions are bounded");
        fuzz::require(asked.expressions.empty() != asked.caption.empty(), "expressions or a caption");
    });
    return 0;
}
