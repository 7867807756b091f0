#include "vglaw/core/error.h"
#include "vglaw/text/letters.h"

namespace vglaw::letters {
namespace {

// Refused, not passed through: a vocabulary would silently meet other pieces than under the full build.
void only_ascii(char32_t c) {
    if (c < 0x80) return;
    fail(ErrorCode::unsupported, "U+{:04X} is not ASCII and this is a minimal build; use a full build for this text",
         static_cast<unsigned>(c));
}

}  // namespace

int combining_class(char32_t c) {
    only_ascii(c);
    return 0;
}

void append_decomposition(char32_t c, std::u32string& out) {
    only_ascii(c);
    out.push_back(c);
}

char32_t lower_case(char32_t c) {
    only_ascii(c);
    return c >= U'A' && c <= U'Z' ? c + 32 : c;
}

}  // namespace vglaw::letters
