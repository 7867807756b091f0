// RefCOCO, RefCOCO+, RefCOCOg, RefCLEF and every data set stored in their layout.
#pragma once

#include "vglaw/data/annotation_table.h"
#include "vglaw/data/dataset_spec.h"

namespace vglaw {

/// Joins refs(<split_by>).p with the instances.json beside it. References that do not join are counted in the table.
/// Throws not_found (folder, file, split), corrupt_data (naming file and record) and io.
[[nodiscard]] AnnotationTable read_refer(const DatasetSpec& spec);

}  // namespace vglaw
