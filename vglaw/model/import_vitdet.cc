#include "vglaw/model/import_vitdet.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "vglaw/core/error.h"
#include "vglaw/core/files.h"
#include "vglaw/format/md5.h"

namespace vglaw {
namespace {

/// The digits of model_final_61ccd1.pkl; nothing for other names.
std::optional<std::string> digest_in(const std::filesystem::path& path) {
    constexpr std::size_t digits = 6;
    const std::string stem = path.stem().string();
    if (path.extension() != ".pkl" || stem.size() <= digits || stem[stem.size() - digits - 1] != '_')
        return std::nullopt;
    const std::string digest = stem.substr(stem.size() - digits);
    const bool hex = digest.find_first_not_of("0123456789abcdef") == std::string::npos;
    return hex ? std::optional(digest) : std::nullopt;
}

void check_digest(const std::filesystem::path& path, ImportedPart& part) {
    const std::optional<std::string> digest = digest_in(path);
    if (!digest) return;
    const std::string md5 = md5_hex(MappedFile(path).bytes());
    if (!md5.starts_with(*digest)) {
        fail(ErrorCode::corrupt_data,
             "{}: its MD5 is {}, which does not begin with the digits of its name: damaged, fetch it again; or changed "
             "on "
             "purpose, then rename it",
             path.string(), md5);
    }
    part.notes.push_back(fmt::format("{}: its MD5 begins with {}, as its name says", part.kind, *digest));
}

}  // namespace

ImportedPart import_vitdet(const std::filesystem::path& path, const ModelConfig& config, RelativePositions how) {
    ImportedPart part;
    part.kind = "ViTDet";
    part.file = path.filename().string();
    part.license = "Apache-2.0";
    check_digest(path, part);
    const StateDict state = StateDict::open(path);
    VitNames names;
    names.prefix = vit_prefix(state);
    names.relative = true;
    take_vit(state, config, names, how, part);
    // Its COCO train2017 contains the pictures of RefCOCO's validation and test splits.
    part.notes.emplace_back(
        "ViTDet: the model zoo's were trained on COCO pictures that RefCOCO, RefCOCO+ and RefCOCOg test on; say so "
        "with "
        "your figures");
    return part;
}

}  // namespace vglaw
