#include "vglaw/serve/protocol/ground_request.h"

#include <utility>

#include "vglaw/serve/protocol/base64.h"
#include "vglaw/serve/protocol/bounded_json.h"
#include "vglaw/serve/protocol/multipart.h"

namespace vglaw::serve {
namespace {

constexpr std::size_t other_parts = 8;  // of a form, beside the expressions

bool parse_switch(const std::string& name, const std::string& value) {
    if (value == "1" || value == "true") return true;
    if (value == "0" || value == "false" || value.empty()) return false;
    refuse(400, "bad_field", "{} is 1 or 0, not '{}'", name, printable_text(value.substr(0, 40)));
}

/// A field that every form of the request may have; an unknown one is refused, so that a slip of the pen is no silence.
void set_field(GroundRequest& request, const std::string& name, const std::string& value) {
    if (name == "expression") {
        request.expressions.push_back(value);
    } else if (name == "caption") {
        request.caption = value;
    } else if (name == "model") {
        request.model = value;
    } else if (name == "mask_png") {
        request.mask_png = parse_switch(name, value);
    } else if (name == "overlay_png") {
        request.overlay_png = parse_switch(name, value);
    } else if (name == "explain") {
        request.explain = parse_switch(name, value);
    } else {
        refuse(400, "unknown_field",
               "there is no field '{}'; known are image, expression, caption, model, mask_png, overlay_png and explain",
               printable_text(name.substr(0, 40)));
    }
}

GroundRequest from_form(const HttpRequest& request, const RequestLimits& limits) {
    GroundRequest asked;
    bool has_image = false;
    for (const auto& part :
         parse_multipart(request.header("content-type"), request.body, limits.expressions + other_parts)) {
        if (part.name != "image") {
            set_field(asked, part.name, std::string(part.content));
            continue;
        }
        if (has_image) refuse(400, "bad_form", "the form has two pictures; send one");
        has_image = true;
        asked.image = std::string(part.content);
    }
    return asked;
}

std::string text_of(const Json& value, const std::string& name) {
    if (!value.is_string()) refuse(400, "bad_field", "\"{}\" is a text", name);
    return value.get<std::string>();
}

GroundRequest from_json(const HttpRequest& request, const RequestLimits& limits) {
    const Json json = parse_bounded(request.body, {.values = limits.expressions + 64});
    if (!json.is_object()) refuse(400, "bad_json", "the body is not a JSON object with \"image\" and \"expressions\"");
    GroundRequest asked;
    for (const auto& [name, value] : json.items()) {
        if (name == "image") {
            asked.image = from_base64(text_of(value, name));
        } else if (name == "expressions") {
            if (!value.is_array()) refuse(400, "bad_field", "\"expressions\" is a list of texts");
            for (const auto& expression : value) asked.expressions.push_back(text_of(expression, name));
        } else if (name == "mask_png" || name == "overlay_png" || name == "explain") {
            const bool number = value.is_number_unsigned() && value.get<std::uint64_t>() <= 1;
            if (!value.is_boolean() && !number) refuse(400, "bad_field", "\"{}\" is true or false", name);
            set_field(asked, name, (number ? value.get<int>() == 1 : value.get<bool>()) ? "1" : "0");
        } else if (name == "expression") {
            refuse(400, "unknown_field", "there is no \"expression\" in JSON; put it into the list \"expressions\"");
        } else {
            set_field(asked, name, text_of(value, name));
        }
    }
    return asked;
}

}  // namespace

GroundRequest parse_ground_request(HttpRequest& request, const RequestTarget& target, const RequestLimits& limits) {
    const std::string_view encoding = request.header("content-encoding");
    if (!encoding.empty() && !same_word(encoding, "identity"))
        refuse(415, "unsupported_encoding", "Content-Encoding is not supported; send the body as it is");
    const std::string type = media_type(request.header("content-type"));
    GroundRequest asked;
    if (type == "multipart/form-data") {
        asked = from_form(request, limits);
    } else if (type == "application/json") {
        asked = from_json(request, limits);
    } else if (type.starts_with("image/") || type == "application/octet-stream") {
        asked.image = std::move(request.body);
        for (const auto& [name, value] : target.query) {
            if (name == "image") refuse(400, "bad_field", "the picture is the body, not a part of the address");
            set_field(asked, name, value);
        }
    } else {
        refuse(415, "unsupported_media_type",
               "the Content-Type '{}' is not one of multipart/form-data, application/json, image/png, image/jpeg and "
               "image/webp",
               printable_text(std::string_view(type).substr(0, 60)));
    }
    if (asked.image.empty()) refuse(400, "no_image", "there is no picture; send it as 'image'");
    if (asked.expressions.size() > limits.expressions) {
        refuse(422, "too_many_expressions", "{} expressions, accepted in one request are {}; send several requests",
               asked.expressions.size(), limits.expressions);
    }
    if (asked.caption.empty() == asked.expressions.empty())
        refuse(422, "no_expression", "say what to look for: one or more expressions, or a caption with [phrases], not both");
    return asked;
}

}  // namespace vglaw::serve
