// The JSON header of a safetensors file: parsed and checked against the number of data bytes that follow it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "vglaw/format/safetensors.h"

namespace vglaw {

/// The reference implementation's limit; a header is not believed beyond it.
inline constexpr std::size_t kMaxSafetensorsHeaderBytes = 100'000'000;

struct SafetensorsEntry {
    Dtype dtype = Dtype::f32;
    std::vector<std::int64_t> shape;
    std::size_t begin = 0, end = 0;  ///< bytes, from the start of the data
};

struct SafetensorsHeader {
    std::map<std::string, SafetensorsEntry> tensors;
    std::map<std::string, std::string> metadata;
};

/// Parses the JSON and proves that the tensors tile [0, data_bytes) without hole or overlap and that each one's length
/// is that of its shape and dtype. Throws corrupt_data with the reason, or unsupported for a dtype; `origin` names the
/// file.
[[nodiscard]] SafetensorsHeader parse_safetensors_header(std::string_view json, std::size_t data_bytes,
                                                         const std::string& origin);

/// Number of elements; false when it does not fit 64 bits.
[[nodiscard]] bool checked_numel(const std::vector<std::int64_t>& shape, std::uint64_t& numel);

}  // namespace vglaw
