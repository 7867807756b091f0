// Masks for layouts that have none, from a COCO annotation file.
#pragma once

#include <filesystem>

#include "vglaw/data/annotation_table.h"

namespace vglaw {

/// Gives each target without a mask the segmentation of the annotation with its annotation_id. Targets whose annotation
/// the file does not hold stay without; those that it says are of another picture are an error, since then the ids are
/// another file's. Throws not_found when it holds none of them, corrupt_data, io.
void join_masks(AnnotationTable& table, const std::filesystem::path& instances);

}  // namespace vglaw
