#include "vglaw/data/refer_files.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include "vglaw/core/error.h"

namespace vglaw {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kInstances = "instances.json";

// In the order of how common they are; the folder itself comes first, for those who name it exactly.
constexpr std::array kCocoFolders = {
    ".",
    "images/mscoco/images/train2014",
    "images/train2014",
    "images/mscoco/train2014",
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
    "coco/train2017",
    "train2017",
    "images",
};
constexpr std::array kSaiaprFolders = {
    ".",          "images/saiapr_tc-12",         "images/saiaprtc12", "saiapr_tc-12",
    "saiaprtc12", "images/refclef/saiapr_tc-12", "images/refclef",    "images",
};

bool is_file(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

bool is_folder(const fs::path& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

// Names in a folder that `accept` likes, in alphabetical order; at most 20, for a message.
std::string list(const fs::path& folder, auto accept) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        if (accept(it->path())) names.push_back(it->path().filename().string());
    }
    std::ranges::sort(names);
    const bool more = names.size() > 20;
    if (more) names.resize(20);
    if (names.empty()) return "nothing of the kind";
    std::string text = names.front();
    for (std::size_t i = 1; i < names.size(); ++i) text += ", " + names[i];
    return more ? text + ", ..." : text;
}

bool is_reference_file(const fs::path& path) {
    const std::string name = path.filename().string();
    return name.starts_with("refs(") && name.ends_with(").p");
}

}  // namespace

ReferFiles find_refer_files(const fs::path& root, const std::string& dataset, const std::string& split_by) {
    if (!is_folder(root)) fail(ErrorCode::not_found, "data root {} is not a folder", root.string());
    const std::string pickle = "refs(" + split_by + ").p";
    // A root without the data set's own folder is believed only when the references lie right in it.
    const std::array folders = {root / dataset, root / dataset / dataset, root / dataset / "annotations",
                                root / "annotations" / dataset, root};
    const fs::path* nearest = nullptr;
    for (const auto& folder : folders) {
        if (is_file(folder / pickle) && is_file(folder / kInstances)) return {folder / pickle, folder / kInstances};
        if (nearest == nullptr && (is_file(folder / pickle) || is_file(folder / kInstances))) nearest = &folder;
    }
    if (nearest != nullptr) {
        const bool has_pickle = is_file(*nearest / pickle);
        fail(ErrorCode::not_found, "{} has no {}; it has: {}", nearest->string(),
             has_pickle ? std::string(kInstances) : pickle, list(*nearest, [](const fs::path& path) {
                 return is_reference_file(path) || path.filename() == kInstances;
             }));
    }
    if (is_folder(root / dataset)) {
        fail(ErrorCode::not_found, "{} has neither {} nor {}; it has: {}", (root / dataset).string(), pickle,
             kInstances, list(root / dataset, [](const fs::path&) { return true; }));
    }
    fail(ErrorCode::not_found, "{} has no folder {} with {} and {}; data sets there: {}", root.string(), dataset,
         pickle, kInstances, list(root, [](const fs::path& path) { return is_file(path / kInstances); }));
}

ImageFinder::ImageFinder(const fs::path& data_root, const fs::path& image_root, const std::string& dataset)
    : base_(image_root.empty() ? data_root : image_root), coco_(dataset != "refclef") {
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
