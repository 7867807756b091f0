#include "vglaw/core/config_fields.h"

#include <algorithm>
#include <numeric>

namespace vglaw::config_detail {
namespace {

/// Levenshtein distance, for "did you mean".
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

std::string joined(const std::vector<std::string>& values) {
    std::string out;
    for (const auto& value : values) out += (out.empty() ? "" : ", ") + value;
    return out;
}

}  // namespace

void wrong_type(const std::string& where, const std::string& key, std::string_view expected, const Json& got) {
    // A list or table is named, not shown: the text of an untrusted one could be endlessly long or deeply nested.
    std::string shown = got.is_object()  ? "a table"
                        : got.is_array() ? fmt::format("a list of {}", got.size())
                                         : got.dump(-1, ' ', true, Json::error_handler_t::replace);
    if (shown.size() > 60) shown = shown.substr(0, 56) + "...\"";  // only a text is that long
    fail(ErrorCode::invalid_argument, "{}: key '{}' must be {}, not {}", where, key, expected, shown);
}

void out_of_range(const std::string& where, const std::string& key, double value, const Between& range) {
    fail(ErrorCode::invalid_argument, "{}: key '{}' is {}, accepted is {}", where, key, value, describe(range));
}

void does_not_fit(const std::string& where, const std::string& key, const Json& got) {
    fail(ErrorCode::invalid_argument, "{}: key '{}' is {}, too large a number here", where, key, got.dump());
}

void not_one_of(const std::string& where, const std::string& key, const std::string& value, const OneOf& choices) {
    fail(ErrorCode::invalid_argument, "{}: key '{}' is \"{}\", accepted is {}", where, key, value, describe(choices));
}

void unknown_key(const std::string& where, const std::string& key, const std::vector<std::string>& known) {
    const auto nearest = std::min_element(known.begin(), known.end(), [&](const auto& a, const auto& b) {
        return edit_distance(a, key) < edit_distance(b, key);
    });
    if (nearest == known.end()) fail(ErrorCode::invalid_argument, "{}: unknown key '{}'", where, key);
    fail(ErrorCode::invalid_argument, "{}: unknown key '{}'; did you mean '{}'? (known here: {})", where, key, *nearest,
         joined(known));
}

std::string join_key(const std::string& prefix, const std::string& key) {
    return prefix.empty() ? key : prefix + "." + key;
}

void help_line(std::string& out, const std::string& key, const Json& default_value, std::string_view meaning,
               const std::string& accepted) {
    out += fmt::format("  {:<28} {} (default {}{})\n", key, meaning, default_value.dump(),
                       accepted.empty() ? "" : "; " + accepted);
}

std::string describe(const Between& range) {
    const bool below = range.low == -std::numeric_limits<double>::infinity();
    const bool above = range.high == std::numeric_limits<double>::infinity();
    if (below && above) return "any number";
    if (above) return fmt::format("at least {}", range.low);
    if (below) return fmt::format("at most {}", range.high);
    return fmt::format("{} to {}", range.low, range.high);
}

std::string describe(const OneOf& choices) {
    std::string out;
    for (const auto& value : choices.values) out += (out.empty() ? "" : " | ") + value;
    return out;
}

}  // namespace vglaw::config_detail
