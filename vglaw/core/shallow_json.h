// JSON from files and strangers. Our Json keeps the order of keys in a vector that copies what it holds when it grows,
// and copies, comparisons and prints go as deep as the values nest: a few hundred kilobytes of brackets end the
// process. It also looks a key up by going through all of them. So depth and keys are bounded while it is read.
#pragma once

#include <string_view>

#include "vglaw/core/config_fields.h"

namespace vglaw {

/// What Json::parse gives and throws; corrupt_data for values that nest deeper than 64, or more than 20,000 keys in
/// all.
[[nodiscard]] Json parse_shallow_json(std::string_view text);
/// The same, but discarded (neither object nor list) where that throws.
[[nodiscard]] Json try_shallow_json(std::string_view text);

}  // namespace vglaw
