#include "vglaw/serve/protocol/multipart.h"

#include "vglaw/serve/protocol/http_message.h"

namespace vglaw::serve {
namespace {

constexpr std::size_t longest_boundary = 70;  // RFC 2046, section 5.1.1
constexpr std::size_t longest_part_headers = 8192;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// The value of `name` in "form-data; name=\"image\"; filename=\"a.png\""; false when it is not there. Quoted values may
/// hold semicolons and backslashes before quotes.
bool parameter(std::string_view header, std::string_view name, std::string& value) {
    std::size_t at = header.find(';');
    while (at < header.size()) {
        ++at;
        const std::size_t equals = header.find('=', at);
        if (equals == std::string_view::npos) return false;
        const std::string_view key = trimmed(header.substr(at, equals - at));
        std::string read;
        at = equals + 1;
        if (at < header.size() && header[at] == '"') {
            for (++at; at < header.size() && header[at] != '"'; ++at) {
                if (header[at] == '\\' && at + 1 < header.size() && header[at + 1] == '"') ++at;
                read += header[at];
            }
            at = header.find(';', at);
        } else {
            const std::size_t end = header.find(';', at);
            read = std::string(trimmed(header.substr(at, end == std::string_view::npos ? end : end - at)));
            at = end;
        }
        if (same_word(key, name)) {
            value = std::move(read);
            return true;
        }
    }
    return false;
}

FormPart parse_part(std::string_view head, std::string_view content) {
    FormPart part;
    part.content = content;
    bool named = false;
    while (!head.empty()) {
        const std::size_t end = head.find("\r\n");
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(end == std::string_view::npos ? head.size() : end + 2);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const std::string_view key = trimmed(line.substr(0, colon)), value = trimmed(line.substr(colon + 1));
        if (same_word(key, "content-type")) part.content_type = std::string(value);
        if (!same_word(key, "content-disposition")) continue;
        std::string file;
        named = parameter(value, "name", part.name);
        part.is_file = parameter(value, "filename", file) || parameter(value, "filename*", file);
    }
    if (!named) refuse(400, "bad_form", "a part of the form has no name");
    return part;
}

}  // namespace

std::vector<FormPart> parse_multipart(std::string_view content_type, std::string_view body, std::size_t max_parts) {
    std::string boundary;
    if (!parameter(content_type, "boundary", boundary) || boundary.empty() || boundary.size() > longest_boundary)
        refuse(400, "bad_form", "Content-Type: multipart/form-data needs a boundary of 1 to {} characters", longest_boundary);
    const std::string between = "\r\n--" + boundary;
    const std::string_view first = std::string_view(between).substr(2);
    std::size_t at = 0;
    if (!body.starts_with(first)) {  // what stands before the first boundary is to be ignored
        at = body.find(between);
        if (at == std::string_view::npos) refuse(400, "bad_form", "the form's boundary is not in the body");
        at += 2;
    }
    at += first.size();
    std::vector<FormPart> parts;
    while (!body.substr(at).starts_with("--")) {
        if (parts.size() == max_parts) refuse(400, "bad_form", "the form has more than {} parts", max_parts);
        while (at < body.size() && (body[at] == ' ' || body[at] == '\t')) ++at;
        if (!body.substr(at).starts_with("\r\n")) refuse(400, "bad_form", "a boundary of the form is followed by other text");
        at += 2;
        const std::size_t end = body.find(between, at == 0 ? 0 : at - 2);
        if (end == std::string_view::npos) refuse(400, "bad_form", "the form ends before its last boundary; was it cut?");
        std::string_view head = body.substr(at, longest_part_headers);
        std::size_t blank = head.starts_with("\r\n") ? 0 : head.find("\r\n\r\n");
        if (blank == std::string_view::npos || at + blank > end) refuse(400, "bad_form", "a part of the form has no end of its headers");
        const std::size_t start = at + blank + (blank == 0 ? 2 : 4);
        if (start > end) refuse(400, "bad_form", "a part of the form has no content");
        parts.push_back(parse_part(head.substr(0, blank), body.substr(start, end - start)));
        at = end + between.size();
    }
    return parts;
}

}  // namespace vglaw::serve
