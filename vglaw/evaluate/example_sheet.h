// Examples of a data set on one sheet: what a person looks at before believing a set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "vglaw/data/dataset.h"
#include "vglaw/image/image.h"

namespace vglaw {

/// `count` different examples chosen by `seed`, the same ones each time, in ascending order; all when there are fewer.
[[nodiscard]] std::vector<std::size_t> choose_examples(std::size_t size, std::size_t count, std::uint64_t seed);

/// A tile each: the picture with its box and mask, the expression below. Throws invalid_argument without examples, and
/// what Dataset::get throws.
[[nodiscard]] Image draw_example_sheet(const Dataset& data, const std::vector<std::size_t>& examples);

}  // namespace vglaw
