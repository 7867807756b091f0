// Writes plain data as a protocol 0 pickle, the form of REFER's refs(<split-by>).p files (formats.md 1.3).
#pragma once

#include <filesystem>
#include <string>

#include "vglaw/format/pickle_value.h"

namespace vglaw {

/// None, bool, int, float, str, list and dict, as Python 2's cPickle writes them: ASCII strings as STRING, others as
/// UNICODE, shared values and repeated dict keys by GET. Deterministic; Python 2 and 3 load it. Throws unsupported for
/// any other kind.
[[nodiscard]] std::string to_pickle(const PickleValue& root);

/// Writes beside and renames.
void write_pickle(const std::filesystem::path& path, const PickleValue& root);

}  // namespace vglaw
