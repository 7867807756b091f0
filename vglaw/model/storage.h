// How a model file stores its weights, and the same model stored otherwise.
#pragma once

#include <filesystem>
#include <string_view>

#include "vglaw/model/bundle.h"

namespace vglaw {

enum class Storage {
    fp32,
    f16,   ///< everything in two or more dimensions as F16, half the size
    int8,  ///< f16, and the tensors of may_be_int8 as int8 with a scale for each output
};
[[nodiscard]] std::string_view name_of(Storage storage);  ///< "fp32", "f16", "int8"

/// int8 when any tensor is, f16 when any is F16 or BF16, else fp32.
[[nodiscard]] Storage storage_of(const ModelBundle& bundle);

/// Writes the model with its weights stored so. Vectors (biases, norms) stay F32, and so does a tensor with a number
/// that F16 cannot hold (above 65504 in size). From int8 to fp32 gives back what the engine computes with, not what
/// was there before. Throws corrupt_data naming a tensor with a number that is not finite.
void write_bundle_stored(const std::filesystem::path& path, const ModelBundle& bundle, Storage storage);

}  // namespace vglaw
