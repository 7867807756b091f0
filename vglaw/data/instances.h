// instances.json, the COCO annotation file beside REFER's references (formats.md 1.4).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "vglaw/data/segmentation.h"
#include "vglaw/geometry/boxes.h"

namespace vglaw {

struct InstanceImage {
    std::string file_name;      ///< relative, without ".."; may be empty
    int width = 0, height = 0;  ///< pixels as stored; 0 when the file does not say
};

struct InstanceAnnotation {
    std::int64_t image_id = 0, category_id = 0;
    BoxXyxy box_px;
    Segmentation segmentation;  ///< empty when the file has none
};

struct Instances {
    std::unordered_map<std::int64_t, InstanceImage> images;
    std::unordered_map<std::int64_t, InstanceAnnotation> annotations;
};

/// Reads only the pictures and annotations asked for: a set's file holds every object of its pictures, 100 MB of text,
/// and a split refers to a few of them. Ids that are not there are simply missing from the answer. Segmentations as
/// read_segmentation has them. Throws not_found, io, and corrupt_data naming the file and the annotation, also when an
/// id is there twice with different contents.
[[nodiscard]] Instances read_instances(const std::filesystem::path& path,
                                       const std::unordered_set<std::int64_t>& annotation_ids,
                                       const std::unordered_set<std::int64_t>& image_ids);

}  // namespace vglaw
