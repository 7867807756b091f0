#include "vglaw/data/image_finder.h"

#include <array>
#include <string>
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

/// Whether a name is the picture's number, as COCO's and SAIAPR's are: then other names of that number are its too. Of
/// any other set they would be another picture, COCO's.
bool is_numbered(const std::string& file_name, std::int64_t image_id) {
    const std::string stem = fs::path(file_name).stem().string();
    const std::size_t letters = stem.find_last_not_of("0123456789");
    const std::string digits = letters == std::string::npos ? stem : stem.substr(letters + 1);
    return (digits == stem || digits.size() == 12) && !digits.empty() && digits.size() <= 18 &&
           std::stoll(digits) == image_id;
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
    consider(base_ / dataset / "images");  // a set's own
    if (coco_) {
        for (const char* folder : kCocoFolders) consider(base_ / folder);
    } else {
        for (const char* folder : kSaiaprFolders) consider(base_ / folder);
    }
}

std::vector<std::string> ImageFinder::numbered(std::int64_t image_id) const {
    if (!coco_) return {fmt::format("{}.jpg", image_id)};
    return {fmt::format("COCO_train2014_{:012}.jpg", image_id), fmt::format("{:012}.jpg", image_id)};
}

std::optional<fs::path> ImageFinder::find_name(const std::string& name) {
    const auto path = [&](std::size_t folder) { return folders_[folder] / name; };
    if (last_folder_ < folders_.size() && is_file(path(last_folder_))) return path(last_folder_);
    for (std::size_t folder = 0; folder < folders_.size(); ++folder) {
        if (!is_file(path(folder))) continue;
        last_folder_ = folder;
        return path(folder);
    }
    return std::nullopt;
}

std::optional<fs::path> ImageFinder::find(std::int64_t image_id, const std::string& file_name) {
    if (!file_name.empty()) {
        if (auto found = find_name(file_name)) return found;
        const std::string base = fs::path(file_name).filename().string();
        if (base != file_name) {
            if (auto found = find_name(base)) return found;
        }
        if (!is_numbered(file_name, image_id)) return std::nullopt;
    }
    for (const std::string& name : numbered(image_id)) {
        if (auto found = find_name(name)) return found;
    }
    return std::nullopt;
}

std::string ImageFinder::describe() const {
    std::string text;
    for (const auto& folder : folders_) text += (text.empty() ? "" : ", ") + folder.string();
    return text;
}

}  // namespace vglaw
