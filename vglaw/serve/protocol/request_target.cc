#include "vglaw/serve/protocol/request_target.h"

#include "vglaw/serve/protocol/http_message.h"

namespace vglaw::serve {
namespace {

int hexadecimal(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string decoded(std::string_view text, bool plus_is_blank) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            const int high = i + 1 < text.size() ? hexadecimal(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hexadecimal(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                refuse(400, "bad_target", "the address has a % without two hexadecimal digits at byte {}", i);
            c = char(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        if (c == '\0') refuse(400, "bad_target", "the address contains a NUL");
        out += c;
    }
    return out;
}

}  // namespace

std::string RequestTarget::value(std::string_view name) const {
    std::string found;
    for (const auto& [key, value] : query) {
        if (key == name) found = value;
    }
    return found;
}

RequestTarget parse_target(std::string_view target) {
    if (target.empty() || target.front() != '/')
        refuse(400, "bad_target", "the address does not start with /; ask for /v1/ground or another of /openapi.json");
    target = target.substr(0, target.find('#'));
    const std::size_t mark = target.find('?');
    RequestTarget parsed;
    parsed.path = decoded(target.substr(0, mark), false);
    if (mark == std::string_view::npos) return parsed;
    std::string_view rest = target.substr(mark + 1);
    while (!rest.empty()) {
        const std::string_view part = rest.substr(0, rest.find('&'));
        rest.remove_prefix(part.size() < rest.size() ? part.size() + 1 : part.size());
        if (part.empty()) continue;
        const std::size_t equals = part.find('=');
        parsed.query.emplace_back(
            decoded(part.substr(0, equals), true),
            equals == std::string_view::npos ? std::string() : decoded(part.substr(equals + 1), true));
    }
    return parsed;
}

}  // namespace vglaw::serve
