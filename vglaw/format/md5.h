// MD5 (RFC 1321), only to compare a download with the digest in its name; it proves nothing against an attacker.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace vglaw {

/// 32 lower-case hexadecimal digits.
[[nodiscard]] std::string md5_hex(std::span<const std::uint8_t> bytes);

}  // namespace vglaw
