// multipart/form-data (RFC 7578): a form's fields and files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vglaw::serve {

/// One field; the views lie in the body.
struct FormPart {
    std::string name;
    bool is_file = false;  ///< it came with a file name
    std::string content_type;
    std::string_view content;
};

/// `content_type` names the boundary. Throws Refusal (400): no boundary, a part without its end or its name, more than
/// max_parts parts, headers of a part above 8 KiB.
[[nodiscard]] std::vector<FormPart> parse_multipart(std::string_view content_type, std::string_view body,
                                                    std::size_t max_parts);

}  // namespace vglaw::serve
