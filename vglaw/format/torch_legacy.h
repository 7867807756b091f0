// The file layout of torch.save before 1.6: pickles and storages one after the other (formats.md 6.3).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "vglaw/format/pickle_reader.h"

namespace vglaw {

struct LegacyTorch {
    PickleDocument object;                                                       ///< what was saved
    std::map<std::string, std::span<const std::uint8_t>, std::less<>> storages;  ///< by key; spans of the file
};

/// Throws corrupt_data (truncated, a storage nobody described or that differs from its description) or unsupported
/// (big-endian, more storages than `max_storages`). The bytes must outlive the result.
[[nodiscard]] LegacyTorch read_legacy_torch(std::span<const std::uint8_t> bytes, const std::string& origin,
                                            const PickleLimits& limits, std::size_t max_storages);

}  // namespace vglaw
