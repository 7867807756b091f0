// Writes a state dict that torch.load reads, weights_only included: the zip format of torch.save (formats.md 6.2).
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "vglaw/format/safetensors.h"

namespace vglaw {

/// An OrderedDict of tensors on the CPU, each in a storage of its own, in the order of their names. Writes beside and
/// renames; same tensors, same bytes. Throws unsupported above 4 GiB, invalid_argument for a name that is not UTF-8 or
/// a view whose bytes do not fit its shape.
void write_torch(const std::filesystem::path& path, const std::map<std::string, TensorView>& tensors);

}  // namespace vglaw
