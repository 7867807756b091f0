// The model file: one safetensors file that is usable on its own (model.md section 8).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "vglaw/format/safetensors.h"
#include "vglaw/model/config.h"
#include "vglaw/text/vocabulary.h"

namespace vglaw {

using TensorShapes = std::map<std::string, std::vector<std::int64_t>>;

/// Every tensor of the network by its name in the file, with its shape: what `net` and `engine` both implement.
[[nodiscard]] TensorShapes tensor_shapes(const ModelConfig& config);

/// An open, checked model file. The tensors are views into the mapped file and live as long as this object or a copy of
/// it.
struct ModelBundle {
    std::filesystem::path path;
    ModelConfig config;
    Vocabulary vocabulary;
    std::string license, source;
    Safetensors file;

    [[nodiscard]] const TensorView& tensor(const std::string& name) const { return file.at(name); }
    /// A tensor as floats, int8 ones times their scales.
    [[nodiscard]] std::vector<float> values(const std::string& name) const;
};

/// Opens a model file. Throws not_found, corrupt_data or unsupported: not a model file, a newer format, a missing,
/// misshapen or unknown tensor (named), a vocabulary of another size than the config says.
[[nodiscard]] ModelBundle read_bundle(const std::filesystem::path& path);

/// Writes a model file (beside, then renamed). The tensors must be exactly those of tensor_shapes(config), and with
/// each int8 one (may_be_int8) its scales.
void write_bundle(const std::filesystem::path& path, const ModelConfig& config, const Vocabulary& vocabulary,
                  const std::map<std::string, TensorView>& tensors, const std::string& license,
                  const std::string& source);

}  // namespace vglaw
