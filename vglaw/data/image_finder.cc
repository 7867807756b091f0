#include "vglaw/data/image_finder.h"

#include <array>
#include <system_error>

#include "vglaw/core/error.h"

namespace vglaw {

namespace fs = std::filesystem;

namespace {

// In the order of how common they are; the folder itself comes first, for those who name it exactly.
constexpr std::array kCocoFolders = {
    ".",
    "images/mscoco/images/train2014",
    "images/train2014",
    "images/mscoco/train2014",
    "mscoco/train2014",
    "ln_data/other/images/mscoco/images/train2014",
    "other/images/mscoco/images/train2014",
    "images/coco/images/train2014",
    "images/coco/train2014",
    "mscoco/images/train2014",
    "coco/images/train2014",
    "coco/train2014",
    "train2014",
    "images/mscoco/images/train2017",
    "images/train2017",
    "images/mscoco/train2017",
    "images/coco/images/train2017",
    "images/coco/train2017",
    "mscoco/images/train2017",
    "mscoco/train2017",
    "coco/images/train2017",
    "coco/train2017",
    "train2017",
    "images",
};
constexpr std::array kSaiaprFolders = {
    ".",
    "images/saiapr_tc-12",
    "images/saiaprtc12",
    "saiapr_tc-12",
    "saiaprtc12",
    "images/refclef/saiapr_tc-12",
    "images/refclef",
    "images/referit",
    "exp-referit/referit-dataset/images",
    "referit-dataset/images",
    "ln_data/referit/images",
    "referit/images",
    "referit",
    "images",
};

bool is_file(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

bool is_folder(const fs::path& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

}  // namespace

bool has_saiapr_pictures(std::string_view dataset) {
    return dataset.starts_with("refclef") || dataset.starts_with("referit");
}

ImageFinder::ImageFinder(const fs::path& data_root, const fs::path& image_root, const std::string& dataset)
    : base_(image_root.empty() ? data_root : image_root), coco_(!has_saiapr_pictures(dataset)) {
    if (!is_folder(base_)) fail(ErrorCode::not_found, "image root {} is not a folder", base_.string());
    const auto consider = [this](const fs::path& folder) {
        if (is_folder(folder)) folders_.push_back(folder.lexically_normal());
    };
    if (coco_) {
        for (const char* folder : kCocoFolders) consider(base_ / folder);
    } else {
        for (const char* folder : kSaiaprFolders) consider(base_ / folder);
    }
    consider(base_ / dataset / "images");
}

std::vector<std::string> ImageFinder::names(std::int64_t image_id, const std::string& file_name) const {
    std::vector<std::string> names;
    if (!file_name.empty()) {
        names.push_back(file_name);
        names.push_back(fs::path(file_name).filename().string());
    } else {
        names.resize(2);  // keeps the positions of the others, which find() remembers
    }
    if (coco_) {
        names.push_back(fmt::format("COCO_train2014_{:012}.jpg", image_id));
        names.push_back(fmt::format("{:012}.jpg", image_id));
    } else {
        names.push_back(fmt::format("{}.jpg", image_id));
    }
    return names;
}

std::optional<fs::path> ImageFinder::find(std::int64_t image_id, const std::string& file_name) {
    const std::vector<std::string> candidates = names(image_id, file_name);
    const auto matches = [&](std::size_t folder, std::size_t name) {
        return !candidates[name].empty() && is_file(folders_[folder] / candidates[name]);
    };
    if (last_folder_ < folders_.size() && matches(last_folder_, last_name_)) {
        return folders_[last_folder_] / candidates[last_name_];
    }
    for (std::size_t folder = 0; folder < folders_.size(); ++folder) {
        for (std::size_t name = 0; name < candidates.size(); ++name) {
            if (!matches(folder, name)) continue;
            last_folder_ = folder;
            last_name_ = name;
            return folders_[folder] / candidates[name];
        }
    }
    return std::nullopt;
}

std::string ImageFinder::describe() const {
    std::string text;
    for (const auto& folder : folders_) text += (text.empty() ? "" : ", ") + folder.string();
    return text;
}

}  // namespace vglaw
