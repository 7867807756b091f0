// An array found in somebody's file: a view of the file's own bytes where they lie in order, otherwise a copy put in
// order.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "vglaw/format/memory_budget.h"
#include "vglaw/format/safetensors.h"

namespace vglaw {

/// Row-major, little-endian; valid by itself, also when the file object is gone: `owner` keeps the bytes.
struct StoredArray {
    TensorView view;
    std::shared_ptr<const void> owner;
};

/// How an array lies in a storage; all counts are elements, not bytes.
struct ArrayLayout {
    std::uint64_t offset = 0;
    std::vector<std::int64_t> shape, strides;
};

/// Strides of an array without gaps: the last axis fastest (C) or the first (Fortran).
[[nodiscard]] std::vector<std::int64_t> dense_strides(const std::vector<std::int64_t>& shape, bool fortran);

/// The array at `layout` of a storage of `dtype`. Throws corrupt_data for negative sizes or strides, a shape that
/// overflows, ranks that differ or exceed 64, and an element outside the storage; `where` names file and array. Only a
/// copy counts in `budget`.
[[nodiscard]] StoredArray read_array(std::span<const std::uint8_t> storage, Dtype dtype, const ArrayLayout& layout,
                                     std::shared_ptr<const void> owner, MemoryBudget& budget, const std::string& where);

}  // namespace vglaw
