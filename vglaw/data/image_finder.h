// Where pictures lie: people unpack COCO's and SAIAPR's in many ways (formats.md 1.1, 2).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vglaw {

/// True for the names of the data sets on SAIAPR's pictures (refclef, referit); all others are taken for COCO's.
[[nodiscard]] bool has_saiapr_pictures(std::string_view dataset);

/// Finds pictures by the ways that names and folders are known to vary: REFER's images/mscoco/images/train2014,
/// images/train2014, images/mscoco/train2014, images/coco/images/train2014, ...; COCO 2017's names %012d.jpg under the
/// same ids; for SAIAPR's data sets images/saiapr_tc-12 as a tree, or flat by id, saiaprtc12, referit/images.
class ImageFinder {
public:
    /// Looks under `image_root` and under its known subfolders; when it is empty, under those of `data_root`.
    ImageFinder(const std::filesystem::path& data_root, const std::filesystem::path& image_root,
                const std::string& dataset);

    /// The picture's path, or nothing: by its name wherever it lies; then, when the name is COCO's or SAIAPR's for that
    /// id or there is none, by the id. Remembers which folder worked and tries it first: not thread-safe.
    [[nodiscard]] std::optional<std::filesystem::path> find(std::int64_t image_id, const std::string& file_name);
    /// The folders that exist, for a message.
    [[nodiscard]] std::string describe() const;

private:
    [[nodiscard]] std::vector<std::string> numbered(std::int64_t image_id) const;
    [[nodiscard]] std::optional<std::filesystem::path> find_name(const std::string& name);

    std::filesystem::path base_;
    std::vector<std::filesystem::path> folders_;
    bool coco_;
    std::size_t last_folder_ = 0;
};

}  // namespace vglaw
