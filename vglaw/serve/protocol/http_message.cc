#include "vglaw/serve/protocol/http_message.h"

#include <algorithm>

#include "vglaw/core/config_fields.h"
#include "vglaw/text/utf8.h"

namespace vglaw::serve {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view HttpRequest::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (same_word(key, name)) return value;
    }
    return {};
}

std::string media_type(std::string_view content_type) {
    std::string_view type = content_type.substr(0, content_type.find(';'));
    while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.remove_suffix(1);
    std::string out(type);
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

std::string printable_text(std::string_view text) {
    try {
        (void)decode_utf8(text);
        return std::string(text);
    } catch (const Error&) {
        std::string out(text);
        std::ranges::replace_if(
            out, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
        return out;
    }
}

HttpResponse error_response(int status, const std::string& code, const std::string& message,
                            const std::string& request_id) {
    HttpResponse response;
    response.status = status;
    response.error = code;
    if (status == 503 || status == 429) response.headers.emplace_back("Retry-After", "1");
    if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    Json json;
    json["error"] = {{"code", code}, {"message", printable_text(message)}};
    json["request_id"] = request_id;
    response.body = json.dump() + "\n";
    return response;
}

}  // namespace vglaw::serve
