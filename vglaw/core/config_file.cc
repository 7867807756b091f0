#include "vglaw/core/config_file.h"

#include <algorithm>
#include <sstream>
#include <string_view>

#include "vglaw/core/files.h"

namespace {
struct BrokenAssumption {};  // of toml++ about the text
[[noreturn]] void throw_broken_assumption() { throw BrokenAssumption(); }
}  // namespace

// Some broken files break what toml++ 3.3 takes for granted, such as "2019-01-01T[00:00:00Z": it aborts, or in a
// release build tells the optimiser that this cannot be. Here it is checked in every build and thrown.
#undef NDEBUG
#define TOML_ASSERT(expression) ((expression) ? void() : throw_broken_assumption())
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

namespace vglaw {
namespace {

// A dotted key is a table in a table in a table, and the parser, the tree and their destructors go down them by
// recursion. A key ends with its line, so the line's length bounds how deep that is; brackets the parser bounds itself.
constexpr std::size_t kLongestLine = 4096;

void check_lines(std::string_view text, const std::string& origin) {
    for (std::size_t line = 1; !text.empty(); ++line) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (end > kLongestLine) {
            fail(ErrorCode::invalid_argument, "{}:{}: the line is {} bytes long, more than the {} accepted here",
                 origin, line, end, kLongestLine);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

Json to_tree(const toml::node& node) {
    if (const auto* table = node.as_table()) {
        Json object = Json::object();
        for (const auto& [key, value] : *table) object[std::string(key.str())] = to_tree(value);
        return object;
    }
    if (const auto* array = node.as_array()) {
        Json list = Json::array();
        for (const auto& value : *array) list.push_back(to_tree(value));
        return list;
    }
    if (const auto* value = node.as_integer()) return value->get();
    if (const auto* value = node.as_floating_point()) return value->get();
    if (const auto* value = node.as_boolean()) return value->get();
    if (const auto* value = node.as_string()) return value->get();
    fail(ErrorCode::invalid_argument, "dates and times are not used in these files");
}

}  // namespace

Json parse_toml(const std::string& text, const std::string& origin) {
    check_lines(text, origin);
    try {
        return to_tree(toml::parse(text));
    } catch (const toml::parse_error& error) {
        const auto& at = error.source().begin;
        fail(ErrorCode::invalid_argument, "{}:{}:{}: {}", origin, at.line, at.column, error.description());
    } catch (const BrokenAssumption&) {
        fail(ErrorCode::invalid_argument, "{}: not TOML; look for a value that is cut short, such as half a date",
             origin);
    }
}

Json read_toml(const std::filesystem::path& path) {
    constexpr std::size_t max_config_bytes = 1 << 20;
    return parse_toml(read_text(path, max_config_bytes), path.string());
}

void apply_override(Json& tree, const std::string& assignment) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) {
        fail(ErrorCode::invalid_argument, "--set {}: write it as key=value, such as law.kind=none", assignment);
    }
    check_lines(assignment, "--set");
    if (equals > kLongestLine) {
        fail(ErrorCode::invalid_argument, "--set: a key of {} bytes is more than the {} accepted here", equals,
             kLongestLine);
    }
    const std::string key = assignment.substr(0, equals);
    const std::string value = assignment.substr(equals + 1);
    Json parsed;
    try {
        parsed = to_tree(toml::parse("value = " + value));
        // With a line break in it the value could smuggle in further keys; then it is a text.
        parsed = parsed.size() == 1 ? Json(parsed["value"]) : Json(value);
    } catch (const toml::parse_error&) {
        parsed = value;  // a bare word: law.kind=none
    } catch (const BrokenAssumption&) {
        parsed = value;
    }
    Json changed = tree;  // a refused assignment leaves the tree as it was
    Json* node = &changed;
    std::istringstream parts(key + ".");
    std::string part;
    while (std::getline(parts, part, '.')) {
        if (part.empty() || (!node->is_null() && !node->is_object())) {
            fail(ErrorCode::invalid_argument, "--set {}: '{}' is not a key", assignment, key);
        }
        node = &(*node)[part];
    }
    *node = std::move(parsed);
    tree = std::move(changed);
}

}  // namespace vglaw
