// A model of this program as the start of another: other sizes of canvas, other alternatives of the network.
#pragma once

#include <filesystem>

#include "vglaw/model/imported_part.h"

namespace vglaw {

/// Every tensor of the network that the model has too, the weight generator only where it is of the same kind for the
/// same blocks and fusion modules of the same kind; position tables are fitted, other shapes must agree
/// (corrupt_data, naming both). Throws as read_bundle does.
[[nodiscard]] ImportedPart import_vglaw(const std::filesystem::path& path, const ModelConfig& config,
                                        RelativePositions how);

}  // namespace vglaw
