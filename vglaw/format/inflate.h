// DEFLATE, the one compression of zip files that torch.save's readers meet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace vglaw {

/// Unpacks a raw DEFLATE stream that must give exactly `size` bytes with this CRC-32. Throws corrupt_data otherwise,
/// and unsupported in a minimal build, which has no zlib. `where` names the file and the entry.
[[nodiscard]] std::vector<std::uint8_t> inflate(std::span<const std::uint8_t> packed, std::size_t size,
                                                std::uint32_t crc, const std::string& where);

}  // namespace vglaw
