// Which of COCO's training pictures a pre-training must leave out, because a test set speaks of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "vglaw/data/annotation_table.h"

namespace vglaw {

/// Numbers of COCO pictures, in ascending order.
using CocoPictures = std::set<std::int64_t>;

/// The pictures of every split whose name does not begin with "train". Throws unsupported for a set that is not on
/// COCO's pictures (their names say which number they have).
[[nodiscard]] CocoPictures held_out_pictures(const AnnotationTable& table);

/// The number in COCO_train2014_000000000042.jpg (or val2014) and 000000000042.jpg; -1 for any other name.
[[nodiscard]] std::int64_t coco_number(const std::string& file_name);

struct Leak {
    std::size_t pictures = 0;  ///< in the file
    CocoPictures leaking;      ///< those of them that are held out
};
/// Goes through the `images` of a COCO annotation file, of which names may be those of train2014 or train2017. A
/// picture is known by the number in its name, or by its id when the name has none. Throws not_found, corrupt_data, io.
[[nodiscard]] Leak find_leak(const CocoPictures& held_out, const std::filesystem::path& instances);

}  // namespace vglaw
