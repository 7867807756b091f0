// One request on its way through the server, from its last byte to its answer.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "vglaw/serve/batch_queue.h"
#include "vglaw/serve/protocol/http_message.h"

namespace vglaw::serve {

struct Exchange {
    HttpRequest request;
    std::string id;                 ///< its X-Request-Id, or one of ours
    TimePoint received{};           ///< when its last byte came
    std::atomic<bool> gone{false};  ///< the client closed its connection
    /// To be called once, from any thread.
    std::function<void(HttpResponse)> reply;

    // For the log, set before reply():
    double queue_ms = 0, compute_ms = 0;
    std::size_t expressions = 0, batch = 0;
};

/// A line of the log: one JSON object without a line break. Called from any thread.
using LogLine = std::function<void(const std::string& line)>;

}  // namespace vglaw::serve
