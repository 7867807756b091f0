// The instances.json of SeqTR, SimVG and C3VG: one file a data set, splits as its keys.
#pragma once

#include <string>

#include "vglaw/data/annotation_table.h"
#include "vglaw/data/dataset_spec.h"

namespace vglaw {

/// {"train": [{"image_id", "expressions": [...], "bbox": [x, y, w, h], "mask", "height", "width"}, ...], "val": ...} in
/// root/NAME/instances.json, root/annotations/NAME/instances.json, or the file that root is. NAME is made of dataset
/// and split_by (refcoco-unc, refcocoplus-unc, refcocog-umd, refcocog-google, referitgame-berkeley), or the dataset's
/// name itself. Splits are the file's keys. Records of one picture with one box are one object: val and test hold a
/// record an expression. ref_id is the number of an object's first record in its split, from 1. Files of several
/// pictures' sources (mixed) and with several boxes a record (gRefCOCO) are refused.
[[nodiscard]] AnnotationTable read_seqtr(const DatasetSpec& spec);

/// SeqTR's name of a data set's folder: "refcocoplus-unc", "referitgame-berkeley".
[[nodiscard]] std::string seqtr_folder(const std::string& dataset, const std::string& split_by);

}  // namespace vglaw
