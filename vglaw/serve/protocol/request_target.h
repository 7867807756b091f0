// The target of a request taken apart: "/v1/ground?expression=the%20ball" -> path and query.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vglaw::serve {

struct RequestTarget {
    std::string path;  ///< percent-decoded; "." and ".." are names like any other: no file is ever looked up by it
    std::vector<std::pair<std::string, std::string>> query;  ///< decoded, "+" is a blank; in order

    /// The last value of that name; empty when there is none.
    [[nodiscard]] std::string value(std::string_view name) const;
};

/// Throws Refusal (400): a target that does not start with "/", a "%" without two hexadecimal digits, a NUL.
[[nodiscard]] RequestTarget parse_target(std::string_view target);

}  // namespace vglaw::serve
