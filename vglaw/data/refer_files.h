// Where the annotations of a REFER data set lie: people unpack them in many ways (formats.md 1.1).
#pragma once

#include <filesystem>
#include <string>

namespace vglaw {

struct ReferFiles {
    std::filesystem::path references;  ///< refs(<split_by>).p
    std::filesystem::path instances;   ///< instances.json
};

/// Looks in root/dataset, root/dataset/dataset, root/dataset/annotations, root/annotations/dataset and root itself.
/// Throws not_found with what is there instead: the data sets in the root, or the files of the folder.
[[nodiscard]] ReferFiles find_refer_files(const std::filesystem::path& root, const std::string& dataset,
                                          const std::string& split_by);

}  // namespace vglaw
