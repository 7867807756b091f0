// TransVG's index files, which QRNet, CLIP-VG, HiVG, OneRef, EEVG and others took over.
#pragma once

#include <string>

#include "vglaw/data/annotation_table.h"
#include "vglaw/data/dataset_spec.h"

namespace vglaw {

/// <name>/<name>_<split>.pth in root, root/data, root/split or root/ref_data_shuffled, or the file that root is; name
/// is unc, unc+, gref, gref_umd or referit, made of dataset and split_by, or the dataset's own (flickr). Each is a list
/// of tuples (picture, mask file, box, expression, attributes), of flickr (picture, box, expression), saved by any
/// version of torch. Boxes are [x, y, w, h]; of referit and flickr corners, of referit whole pixels with both ends
/// included. Read too: OneRef's sizes in place of the mask file and polygons in place of the attributes, EEVG's
/// polygons behind the box. The mask files themselves are not read; where one is named by COCO's annotation id,
/// spec.instances gives the masks. Entries of one picture with one box are one object; ref_id is the annotation's id
/// where the file has it, else the number of the object's first entry in its split, from 1.
[[nodiscard]] AnnotationTable read_transvg(const DatasetSpec& spec);

/// TransVG's name of a data set: "unc+" for refcoco+ by unc.
[[nodiscard]] std::string transvg_name(const std::string& dataset, const std::string& split_by);

}  // namespace vglaw
