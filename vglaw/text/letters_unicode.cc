#include <utf8proc.h>

#include "vglaw/core/error.h"
#include "vglaw/text/letters.h"

namespace vglaw::letters {

int combining_class(char32_t c) { return utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->combining_class; }

void append_decomposition(char32_t c, std::u32string& out) {
    constexpr int kLongest = 32;  // Unicode's longest canonical decomposition is 4 characters
    utf8proc_int32_t parts[kLongest];
    int boundary = 0;
    const auto options = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_STABLE);
    const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts, kLongest, options, &boundary);
    if (count < 0 || count > kLongest) {
        fail(ErrorCode::internal, "utf8proc cannot decompose U+{:04X}: {}", static_cast<unsigned>(c),
             utf8proc_errmsg(count));
    }
    out.append(parts, parts + count);
}

char32_t lower_case(char32_t c) { return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))); }

}  // namespace vglaw::letters
