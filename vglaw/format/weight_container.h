// Which kind of file weights and indices come in, told by the first bytes (formats.md 6.3): names and endings lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace vglaw {

enum class WeightContainer {
    zip,     ///< torch.save since 1.6
    legacy,  ///< torch.save before, or told so: several pickles and the storages after each other
    pickle,  ///< a plain pickle, as detectron2's model zoo has
    safetensors,
};
[[nodiscard]] std::string_view name_of(WeightContainer container);  ///< "zip", "legacy", "pickle", "safetensors"

/// Throws corrupt_data for anything else: an empty file, a Git LFS pointer and a web page by their names.
[[nodiscard]] WeightContainer sniff_container(std::span<const std::uint8_t> bytes, const std::string& origin);

/// Where the number ends that a legacy file's first pickle is, before its STOP; 0 when the bytes do not begin with it.
[[nodiscard]] std::size_t legacy_magic_end(std::span<const std::uint8_t> bytes);

}  // namespace vglaw
