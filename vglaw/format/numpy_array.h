// numpy arrays, scalars and dtypes as pickles hold them (formats.md 6.5): inert nodes read as data.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "vglaw/format/memory_budget.h"
#include "vglaw/format/pickle_value.h"
#include "vglaw/format/stored_array.h"

namespace vglaw {

/// The array an ndarray or a numpy scalar (shape []) stands for, from pickles of any protocol and of Python 2 or 3;
/// nothing when the value is something else. `owner` must keep the pickle. Throws corrupt_data or unsupported
/// (big-endian, text, structured, object and other dtypes, by name).
[[nodiscard]] std::optional<StoredArray> read_numpy(const PickleValue& value, const std::shared_ptr<const void>& owner,
                                                    MemoryBudget& budget, const std::string& origin);

}  // namespace vglaw
