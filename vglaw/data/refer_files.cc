#include "vglaw/data/refer_files.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <vector>

#include "vglaw/core/error.h"

namespace vglaw {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kInstances = "instances.json";

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

}  // namespace vglaw
