// BERT as Hugging Face distributes it, into text_encoder.* (formats.md 4.1).
#pragma once

#include <filesystem>

#include "vglaw/model/imported_part.h"

namespace vglaw {

/// `path` is a folder (model.safetensors or pytorch_model.bin, whole or in shards; vocab.txt; config.json) or a file of
/// weights, beside which the other two are looked for. The first config.text.layers layers are taken; names may have
/// `bert.` before them or not, LayerNorms gamma and beta or weight and bias. Throws not_found (no such file, a missing
/// tensor), corrupt_data (a shape that differs, both spellings, a vocabulary of another size), unsupported (config.json
/// tells of another network: heads, activation).
[[nodiscard]] ImportedPart import_bert(const std::filesystem::path& path, const ModelConfig& config);

}  // namespace vglaw
