// A pickle's value as one line of text, for comparisons in tests.
#pragma once

#include <fmt/format.h>

#include <string>

#include "vglaw/format/pickle_value.h"
#include "vglaw/format/quote.h"

namespace vglaw {

inline std::string describe(const PickleValue& value) {
    const auto elements = [&] {
        std::string text;
        for (std::size_t i = 0; i < value.size(); ++i) text += (i ? ", " : "") + describe(value[i]);
        return text;
    };
    switch (value.kind()) {
        case PickleKind::none:
            return "None";
        case PickleKind::boolean:
            return value.as_bool() ? "True" : "False";
        case PickleKind::integer:
            return fmt::format("{}", value.as_int());
        case PickleKind::real:
            return fmt::format("{}f", value.as_double());
        case PickleKind::string:
            return quote(value.as_string());
        case PickleKind::bytes: {
            std::string text = "b:";
            for (const auto byte : value.as_bytes()) text += fmt::format("{:02x}", byte);
            return text;
        }
        case PickleKind::list:
            return "[" + elements() + "]";
        case PickleKind::tuple:
            return "(" + elements() + ")";
        case PickleKind::set:
            return "set(" + elements() + ")";
        case PickleKind::dict: {
            std::string text = "{";
            for (std::size_t i = 0; i < value.size(); ++i) {
                const auto [key, content] = value.entry(i);
                text += (i ? ", " : "") + describe(key) + ": " + describe(content);
            }
            return text + "}";
        }
        case PickleKind::global:
            return fmt::format("<{}.{}>", value.module(), value.name());
        case PickleKind::persistent:
            return "@" + describe(value.persistent_id());
        case PickleKind::object: {
            std::string text = describe(value.callable()) + "!" + describe(value.args());
            if (value.kwargs()) text += " kwargs " + describe(*value.kwargs());
            if (value.state()) text += " state " + describe(*value.state());
            if (value.items()) text += " items " + describe(*value.items());
            return text;
        }
    }
    return "?";
}

}  // namespace vglaw
