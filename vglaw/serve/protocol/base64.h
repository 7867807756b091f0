// Base64 as in RFC 4648, section 4.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace vglaw::serve {

[[nodiscard]] std::string to_base64(std::span<const std::uint8_t> bytes);
/// Padding may be missing; line breaks are passed over. Throws Refusal (400) naming the place of another character, for
/// padding that is not at the end, and for a single character left over.
[[nodiscard]] std::string from_base64(std::string_view text);

}  // namespace vglaw::serve
