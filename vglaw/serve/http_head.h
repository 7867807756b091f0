// What goes over the wire before an answer's body, and what a request that cannot be read is told. Inside the room
// only.
#pragma once

#include <boost/system/error_code.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "vglaw/serve/protocol/http_message.h"

namespace vglaw::serve {

/// Whether a client's X-Request-Id may go into logs and headers as it is: 1 to 64 letters, digits, '-', '_' and '.'.
[[nodiscard]] bool is_request_id(std::string_view id);

/// Unique in this process and hard to confuse with another's. For one thread.
[[nodiscard]] std::string new_request_id();

/// Status line and headers, the empty line after them included.
[[nodiscard]] std::string head_of(const HttpResponse& response, const std::string& id, bool keep);

struct WireError {
    int status;
    const char *code, *message;
};

/// What a broken request is told; nothing when there is nobody to tell.
[[nodiscard]] std::optional<WireError> wire_error(const boost::system::error_code& error);

}  // namespace vglaw::serve
