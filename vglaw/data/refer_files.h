// Where the files of a REFER data set lie: people unpack them in many ways (formats.md 1.1).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace vglaw {

struct ReferFiles {
    std::filesystem::path references;  ///< refs(<split_by>).p
    std::filesystem::path instances;   ///< instances.json
};

/// Looks in root/dataset, root/dataset/dataset, root/dataset/annotations, root/annotations/dataset and root itself.
/// Throws not_found with what is there instead: the data sets in the root, or the files of the folder.
[[nodiscard]] ReferFiles find_refer_files(const std::filesystem::path& root, const std::string& dataset,
                                          const std::string& split_by);

/// Finds pictures by the ways that names and folders are known to vary: REFER's images/mscoco/images/train2014,
/// images/train2014, images/mscoco/train2014, images/coco/images/train2014, ...; COCO 2017's names %012d.jpg under the
/// same ids; for refclef images/saiapr_tc-12 as a tree, or flat by id, and saiaprtc12.
class ImageFinder {
public:
    /// Looks under `image_root` and under its known subfolders; when it is empty, under those of `data_root`.
    ImageFinder(const std::filesystem::path& data_root, const std::filesystem::path& image_root,
                const std::string& dataset);

    /// The picture's path, or nothing. Remembers which folder and name worked and tries them first: not thread-safe.
    [[nodiscard]] std::optional<std::filesystem::path> find(std::int64_t image_id, const std::string& file_name);
    /// The folders that exist, for a message.
    [[nodiscard]] std::string describe() const;

private:
    [[nodiscard]] std::vector<std::string> names(std::int64_t image_id, const std::string& file_name) const;

    std::filesystem::path base_;
    std::vector<std::filesystem::path> folders_;
    bool coco_;
    std::size_t last_folder_ = 0, last_name_ = 0;
};

}  // namespace vglaw
