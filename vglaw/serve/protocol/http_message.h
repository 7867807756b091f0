// A request and an answer of HTTP as plain memory: what the routes see of the network.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vglaw/core/error.h"

namespace vglaw::serve {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
    std::string method, target;  ///< target: "/v1/ground?expression=..."
    HttpHeaders headers;
    std::string body;

    /// The first header of that name, upper or lower case; empty when there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const;
};

struct HttpResponse {
    int status = 200;
    std::string content_type = "application/json";
    HttpHeaders headers;  ///< beyond content type and length
    std::string body;
    std::string error;  ///< the kind of error, for the log and the metrics; empty: none
};

/// A request that is refused: the status, a word for programs, a line for people.
class Refusal : public Error {
public:
    Refusal(int status, std::string code, const std::string& message)
        : Error(ErrorCode::invalid_argument, message), status_(status), code_(std::move(code)) {}
    [[nodiscard]] int status() const { return status_; }
    [[nodiscard]] const std::string& code() const { return code_; }

private:
    int status_;
    std::string code_;
};

template <typename... Args>
[[noreturn]] void refuse(int status, const char* code, fmt::format_string<Args...> format, Args&&... args) {
    throw Refusal(status, code, fmt::format(format, std::forward<Args>(args)...));
}

/// {"error": {"code", "message"}, "request_id"}, with what belongs to the status: Retry-After, WWW-Authenticate.
[[nodiscard]] HttpResponse error_response(int status, const std::string& code, const std::string& message,
                                          const std::string& request_id);

/// Upper and lower case are the same (ASCII).
[[nodiscard]] bool same_word(std::string_view a, std::string_view b);
/// "image/png; charset=x" -> "image/png", in lower case.
[[nodiscard]] std::string media_type(std::string_view content_type);

/// One line of valid UTF-8 for JSON: what is not becomes '?'.
[[nodiscard]] std::string printable_text(std::string_view text);

}  // namespace vglaw::serve
