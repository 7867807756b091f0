// An explanation as pictures and numbers in a folder.
#pragma once

#include <cstddef>
#include <filesystem>

#include "vglaw/model/grounder.h"

namespace vglaw::app {

/// Writes NN.json, NN-pooling.png (where the box head looked) and NN-words.png (which words each block attended to)
/// into the folder, which is made when missing; NN is `number` with two digits. Throws io.
void write_explanation(const std::filesystem::path& folder, std::size_t number, const Image& image,
                       const Grounding& found, const Explanation& explanation);

}  // namespace vglaw::app
