// Just enough UTF-8 for strings from files: is it, and write one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vglaw {

[[nodiscard]] bool is_ascii(std::string_view text);
/// Well-formed as Unicode defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text);
/// False (and nothing appended) for a surrogate or a number above U+10FFFF.
bool append_utf8(std::string& out, std::uint32_t code_point);
/// Reads the code point at `at` of well-formed UTF-8 and moves behind it.
[[nodiscard]] std::uint32_t next_code_point(std::string_view utf8, std::size_t& at);

}  // namespace vglaw
