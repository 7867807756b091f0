// Pictures of single examples: prediction over ground truth, with the expression and the IoUs as the caption.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "vglaw/data/dataset.h"
#include "vglaw/evaluate/evaluator.h"
#include "vglaw/image/draw.h"

namespace vglaw {

/// "the dog on the left | box IoU 0.82, mask IoU 0.77 (original frame)"
[[nodiscard]] std::string caption(const ExpressionRecord& record);

/// Truth first, then prediction, box and mask, in the order and colours of the picture's legend. `example` is the one
/// the record was made from; throws invalid_argument when its size does not fit the kept mask.
[[nodiscard]] std::vector<DrawnGrounding> to_drawing(const Example& example, const KeptExample& kept);

struct GalleryEntry {
    std::string file;  ///< relative to the report's folder, "hits/000012.png"
    std::string caption;
};
using Gallery = std::vector<GalleryEntry>;

/// Writes folder/name/INDEX.png for each example; older .png files of that folder are removed, since they belong to
/// another evaluation. Makes the folders. Throws io.
Gallery write_gallery(const std::filesystem::path& folder, const std::string& name,
                      const std::vector<KeptExample>& examples, const Dataset& dataset);
/// A heading, then picture and caption one below the other; empty for an empty gallery.
[[nodiscard]] std::string gallery_markdown(const std::string& heading, const Gallery& gallery);
}  // namespace vglaw
