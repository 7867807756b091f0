// A fuzzer's input as a request: a line for the target, a line for a header's value, the rest is the body.
#pragma once

#include <string>
#include <string_view>

#include "vglaw/serve/protocol/http_message.h"

namespace vglaw::fuzz {

inline serve::HttpRequest request_of(const std::uint8_t* data, std::size_t size, const char* header) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto line = [&text] {
        const std::string_view taken = text.substr(0, text.find('\n'));
        text.remove_prefix(taken.size() < text.size() ? taken.size() + 1 : taken.size());
        return std::string(taken);
    };
    serve::HttpRequest request;
    request.method = "POST";
    request.target = line();
    request.headers.emplace_back(header, line());
    request.body = std::string(text);
    return request;
}

}  // namespace vglaw::fuzz
