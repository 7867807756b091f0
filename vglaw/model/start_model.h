// A model to start training from: imported parts, and random weights where they leave gaps.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "vglaw/model/imported_part.h"

namespace vglaw {

/// Where each tensor came from; `change` is empty when it is as it was.
struct StartTensor {
    std::string name, origin, change;
    std::vector<std::int64_t> shape;
    [[nodiscard]] std::size_t parameters() const;
};

struct StartModel {
    ModelConfig config;
    WeightMap weights;  ///< all of tensor_shapes(config)
    std::vector<StartTensor> tensors;
    std::string license;  ///< of all parts when they agree, otherwise empty
    std::string source;   ///< what it was made of, for the model's metadata
    std::vector<std::string> notes;
};

/// Puts the parts together, taking their weights out of them; what none has is drawn as initial_weights(config, init,
/// seed) does. Throws invalid_argument when two parts have the same tensor and neither yields.
[[nodiscard]] StartModel assemble_start(const ModelConfig& config, const InitConfig& init, std::uint64_t seed,
                                        std::vector<ImportedPart>& parts);

/// Writes it as a model file, in float. Throws as write_bundle does.
void write_start(const std::filesystem::path& path, const StartModel& start, const Vocabulary& vocabulary);

}  // namespace vglaw
