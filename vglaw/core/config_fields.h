// One description of a config struct, from which reading, writing, help and range checks follow.
//
//     struct TextConfig {
//         int layers = 6;
//         template <typename Visitor> void visit_fields(Visitor& visit) {
//             visit("layers", layers, "transformer layers", Between{1, 48});
//         }
//     };
//
//     auto config = config_from_json<TextConfig>(json, "base.toml");   // unknown key: error that names the nearest
//     known one auto json = config_to_json(config); auto text = config_help<TextConfig>();
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "vglaw/core/error.h"

namespace vglaw {

using Json = nlohmann::ordered_json;

/// Accepted values of a number, or of every element of a list; both ends included.
struct Between {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
};

/// Accepted values of a text.
struct OneOf {
    std::vector<std::string> values;
    OneOf(std::initializer_list<const char*> list) : values(list.begin(), list.end()) {}
};

namespace config_detail {

struct FieldProbe {
    template <typename... Args>
    void operator()(Args&&...) {}
};

template <typename T>
concept Struct = requires(T& value, FieldProbe& probe) {
    value.visit_fields(probe);
};

[[noreturn]] void wrong_type(const std::string& where, const std::string& key, std::string_view expected,
                             const Json& got);
[[noreturn]] void out_of_range(const std::string& where, const std::string& key, double value, const Between& range);
[[noreturn]] void does_not_fit(const std::string& where, const std::string& key, const Json& got);
[[noreturn]] void not_one_of(const std::string& where, const std::string& key, const std::string& value,
                             const OneOf& choices);
[[noreturn]] void unknown_key(const std::string& where, const std::string& key, const std::vector<std::string>& known);
std::string join_key(const std::string& prefix, const std::string& key);
void help_line(std::string& out, const std::string& key, const Json& default_value, std::string_view meaning,
               const std::string& accepted);
std::string describe(const Between& range);
std::string describe(const OneOf& choices);

template <typename T>
T number_from(const Json& json, const std::string& where, const std::string& key, const Between& range) {
    if constexpr (std::integral<T>) {
        if (!json.is_number_integer()) wrong_type(where, key, "an integer", json);
    } else {
        if (!json.is_number()) wrong_type(where, key, "a number", json);
    }
    const double value = json.get<double>();
    if (!(value >= range.low && value <= range.high)) out_of_range(where, key, value, range);
    if constexpr (std::integral<T>) {
        const bool fits = json.is_number_unsigned() ? std::in_range<T>(json.get<std::uint64_t>())
                                                    : std::in_range<T>(json.get<std::int64_t>());
        if (!fits) does_not_fit(where, key, json);
    }
    return json.get<T>();
}

/// Fills the struct from a JSON object; remembers which keys it knows so that the rest can be refused.
struct Reader {
    const Json& json;
    const std::string& where;
    std::string prefix;
    std::vector<std::string> known{};

    template <typename T>
    void operator()(const char* name, T& field, const char* /*meaning*/) {
        read(name, field, Between{});
    }
    template <typename T, typename Accepted>
    void operator()(const char* name, T& field, const char* /*meaning*/, const Accepted& accepted) {
        read(name, field, accepted);
    }

    void finish() const {
        for (const auto& item : json.items()) {
            bool found = false;
            for (const auto& name : known) found = found || name == item.key();
            if (!found) unknown_key(where, join_key(prefix, item.key()), full_names());
        }
    }

private:
    std::vector<std::string> full_names() const {
        std::vector<std::string> names;
        for (const auto& name : known) names.push_back(join_key(prefix, name));
        return names;
    }

    template <typename T, typename Accepted>
    void read(const char* name, T& field, const Accepted& accepted) {
        known.emplace_back(name);
        const auto found = json.find(name);
        if (found == json.end()) return;
        const std::string key = join_key(prefix, name);
        if constexpr (Struct<T>) {
            if (!found->is_object()) wrong_type(where, key, "a table", *found);
            Reader inner{*found, where, key};
            field.visit_fields(inner);
            inner.finish();
        } else if constexpr (std::same_as<T, bool>) {
            if (!found->is_boolean()) wrong_type(where, key, "true or false", *found);
            field = found->template get<bool>();
        } else if constexpr (std::same_as<T, std::string>) {
            if (!found->is_string()) wrong_type(where, key, "a text", *found);
            auto value = found->template get<std::string>();
            if constexpr (std::same_as<Accepted, OneOf>) {
                bool ok = false;
                for (const auto& choice : accepted.values) ok = ok || choice == value;
                if (!ok) not_one_of(where, key, value, accepted);
            }
            field = std::move(value);
        } else if constexpr (std::is_arithmetic_v<T>) {
            field = number_from<T>(*found, where, key, accepted);
        } else {  // a list of numbers: std::vector or std::array
            if (!found->is_array()) wrong_type(where, key, "a list", *found);
            if constexpr (requires { field.resize(1); }) {
                field.resize(found->size());
            } else if (found->size() != field.size()) {
                wrong_type(where, key, fmt::format("a list of {} numbers", field.size()), *found);
            }
            for (std::size_t i = 0; i < found->size(); ++i) {
                field[i] = number_from<typename T::value_type>((*found)[i], where, key, accepted);
            }
        }
    }
};

struct Writer {
    Json& json;
    template <typename T, typename... Rest>
    void operator()(const char* name, T& field, const char* /*meaning*/, const Rest&...) {
        if constexpr (Struct<T>) {
            Json inner = Json::object();
            Writer writer{inner};
            field.visit_fields(writer);
            json[name] = std::move(inner);
        } else {
            json[name] = field;
        }
    }
};

struct Helper {
    std::string& out;
    std::string prefix;
    template <typename T>
    void operator()(const char* name, T& field, const char* meaning) {
        if constexpr (Struct<T>) {
            Helper inner{out, join_key(prefix, name)};
            field.visit_fields(inner);
        } else {
            help_line(out, join_key(prefix, name), Json(field), meaning, "");
        }
    }
    template <typename T, typename Accepted>
    void operator()(const char* name, T& field, const char* meaning, const Accepted& accepted) {
        help_line(out, join_key(prefix, name), Json(field), meaning, describe(accepted));
    }
};

}  // namespace config_detail

/// Reads a whole struct; keys that are absent keep their defaults. `where` names the file in messages.
template <typename T>
[[nodiscard]] T config_from_json(const Json& json, const std::string& where) {
    if (!json.is_object()) config_detail::wrong_type(where, "", "a table", json);
    T config;
    config_detail::Reader reader{json, where, ""};
    config.visit_fields(reader);
    reader.finish();
    return config;
}

template <typename T>
[[nodiscard]] Json config_to_json(const T& config) {
    Json json = Json::object();
    config_detail::Writer writer{json};
    const_cast<T&>(config).visit_fields(writer);  // one visitor serves reading and writing; the writer only reads
    return json;
}

/// One line a key: name, default, accepted values, meaning.
template <typename T>
[[nodiscard]] std::string config_help() {
    std::string out;
    T config;
    config_detail::Helper helper{out, ""};
    config.visit_fields(helper);
    return out;
}

}  // namespace vglaw
