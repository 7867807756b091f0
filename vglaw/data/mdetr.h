// MDETR's finetune_*.json, which Grounding DINO's and many language models' recipes share: boxes only.
#pragma once

#include "vglaw/data/annotation_table.h"
#include "vglaw/data/dataset_spec.h"

namespace vglaw {

/// A COCO-like file with one "image" an expression: images[] {file_name, width, height, id, original_id, caption},
/// annotations[] {image_id, bbox [x, y, w, h], original_id}; root/finetune_<dataset>_<split>.json,
/// root/mdetr_annotations/..., or the file that root is. There are no masks in it: with spec.instances, COCO's or
/// REFER's instances json, they are taken from there by original_id. References are annotations: ref_id is COCO's
/// annotation id. A caption with several boxes (MDETR's pre-training files) is refused.
[[nodiscard]] AnnotationTable read_mdetr(const DatasetSpec& spec);

}  // namespace vglaw
