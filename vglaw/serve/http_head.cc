#include "vglaw/serve/http_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/status.hpp>
#include <chrono>
#include <ctime>

#include "vglaw/core/rng.h"

namespace vglaw::serve {
namespace {

namespace http = boost::beast::http;

std::string http_date() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[40];
    return {text,
            std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};  // the program keeps the C locale
}

}  // namespace

bool is_request_id(std::string_view id) {
    return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.';
    });
}

std::string new_request_id() {
    static const std::uint64_t start = std::uint64_t(std::chrono::system_clock::now().time_since_epoch().count());
    static std::uint64_t count = 0;  // one thread serves
    return fmt::format("{:016x}", derive_seed(start, ++count));
}

std::string head_of(const HttpResponse& response, const std::string& id, bool keep) {
    std::string head = fmt::format(
        "HTTP/1.1 {} {}\r\nDate: {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nX-Request-Id: {}\r\n"
        "X-Content-Type-Options: nosniff\r\nConnection: {}\r\n",
        response.status, std::string(http::obsolete_reason(http::int_to_status(unsigned(response.status)))),
        http_date(), response.content_type, response.body.size(), id, keep ? "keep-alive" : "close");
    for (const auto& [name, value] : response.headers) head += name + ": " + value + "\r\n";
    return head + "\r\n";
}

std::optional<WireError> wire_error(const boost::system::error_code& error) {
    if (error == http::error::header_limit) return WireError{431, "head_too_large", "the headers are too large"};
    if (error == http::error::body_limit)
        return WireError{413, "body_too_large", "the body is larger than this server accepts"};
    if (error == http::error::bad_version) return WireError{505, "bad_version", "this is not HTTP/1.0 or HTTP/1.1"};
    if (error == http::error::bad_transfer_encoding)
        return WireError{400, "bad_request", "Transfer-Encoding and Content-Length contradict each other"};
    if (error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
    if (error.category() == http::make_error_code(http::error::bad_method).category())
        return WireError{400, "bad_request", "this is not a well-formed HTTP request"};
    return std::nullopt;
}

}  // namespace vglaw::serve
