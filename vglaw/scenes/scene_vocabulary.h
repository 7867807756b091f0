// The word pieces of generated expressions, for models that do not start from BERT.
#pragma once

#include <cstddef>

#include "vglaw/text/vocabulary.h"

namespace vglaw {

/// Learned from a fixed corpus of all four styles, then filled up to exactly `size` with [unused1], [unused2], ...
/// Always the same for the same size. Throws invalid_argument when `size` is too small for the alphabet.
[[nodiscard]] Vocabulary scene_vocabulary(std::size_t size);

}  // namespace vglaw
