// ReferItGame in the split files of Hu et al., which TransVG, QRNet and their relatives use.
#pragma once

#include "vglaw/data/annotation_table.h"
#include "vglaw/data/dataset_spec.h"

namespace vglaw {

/// referit_query_<split>.json ({"25_1": ["expression", ...]}) joined with referit_bbox.json ({"25_1": [left, top,
/// right, bottom]}, whole pixels, both ends included) and, where it is, referit_imsize.json; in root,
/// root/splits/referit, root/referit, root/data, ln_data/referit/splits/referit. Splits: train, val, trainval, test.
/// Pictures 17975, 19575 and 19579 are left out as every published figure does. Boxes only: the masks are .mat files,
/// which are not read. ref_id is 1000 times the picture's number plus the object's.
[[nodiscard]] AnnotationTable read_referit(const DatasetSpec& spec);

}  // namespace vglaw
