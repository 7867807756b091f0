// The one way to a data set from files, whatever its layout.
#pragma once

#include <memory>

#include "vglaw/data/annotated_dataset.h"
#include "vglaw/data/dataset_spec.h"

namespace vglaw {

/// Reads annotations, then looks for the pictures; no pixel is touched. What does not join and which picture is not
/// there stands in the table. Throws invalid_argument (unknown layout), not_found (folder, file, split), corrupt_data
/// (naming file and record), io.
[[nodiscard]] AnnotationTable read_annotations(const DatasetSpec& spec);

/// The data set, complete or, with skip_missing, what can be used of it. Throws as read_annotations and
/// AnnotatedDataset do.
///
///     auto data = open_dataset({.data_root = "data", .dataset = "refcocog", .split_by = "umd", .split = "val"});
///     Example example = data->get(0);
[[nodiscard]] std::unique_ptr<AnnotatedDataset> open_dataset(const DatasetSpec& spec);

}  // namespace vglaw
