// vglaw.jsonl, our own plain layout: one line of JSON an expression.
#pragma once

#include "vglaw/data/annotation_table.h"
#include "vglaw/data/dataset_spec.h"

namespace vglaw {

/// {"image": "a/b.jpg", "expression": "...", "box": [x, y, w, h], "mask": ..., "split": "val"} a line, UTF-8; optional
/// "image_id", "ref_id", "sentence_id", "annotation_id", "category_id", "width", "height". The mask is polygons, a
/// run-length dict, or the name of a picture that is not black where the object is; it may be left out. Names are
/// relative to the file's folder (pictures: to spec.image_root when given) and do not lead out of it. Without
/// "image_id" pictures are numbered from 1 as they come, without "ref_id" each line is a reference of its own, numbered
/// by its line; lines of one ref_id must agree on picture, box and split. spec.data_root is the file, or the folder of
/// vglaw.jsonl.
[[nodiscard]] AnnotationTable read_vglaw_jsonl(const DatasetSpec& spec);

}  // namespace vglaw
