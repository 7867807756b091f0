// Whether tensors are the ones that were written: a checksum, fast enough for every checkpoint.
#pragma once

#include <map>
#include <string>

#include "vglaw/format/safetensors.h"

namespace vglaw::train {

/// 16 hexadecimal digits of all names and bytes. Tells chance damage, not a forger.
[[nodiscard]] std::string digest_of(const std::map<std::string, TensorView>& tensors);

}  // namespace vglaw::train
