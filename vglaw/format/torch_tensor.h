// Tensors as torch.save pickles them (formats.md 6.2): a call of torch._utils._rebuild_*, read as data.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "vglaw/format/memory_budget.h"
#include "vglaw/format/pickle_value.h"
#include "vglaw/format/stored_array.h"

namespace vglaw {

/// What a persistent id of torch.save says: a storage that lies beside the pickle.
struct StorageReference {
    std::string_view key;
    std::optional<Dtype> dtype;  ///< nothing for an untyped storage, which counts bytes
    std::uint64_t elements = 0;
    bool has_view = false;      ///< legacy files: a part of the storage `key`
    std::string_view view_key;  ///< under its own key
    std::uint64_t view_offset = 0, view_elements = 0;

    [[nodiscard]] std::size_t element_bytes() const { return dtype ? size_of(*dtype) : 1; }
};

/// Reads a persistent id; throws corrupt_data, or unsupported naming the storage type (quantised, complex, 8-bit
/// float).
[[nodiscard]] StorageReference read_storage_reference(const PickleValue& persistent, const std::string& origin);

/// The bytes of a storage; throws corrupt_data when the file lacks it.
using FindStorage = std::function<std::span<const std::uint8_t>(const StorageReference&)>;

/// The tensor that a value stands for: _rebuild_tensor, _v2, _v3, _rebuild_parameter and what wraps them; nothing when
/// the value is something else. Strides, offsets and shared storages are honoured. Throws corrupt_data, or unsupported
/// for sparse, quantised and other tensors by the name of their function.
[[nodiscard]] std::optional<StoredArray> read_tensor(const PickleValue& value, const FindStorage& find,
                                                     const std::shared_ptr<const void>& owner, MemoryBudget& budget,
                                                     const std::string& origin);

}  // namespace vglaw
