#include "vglaw/data/annotation_table.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include "vglaw/core/error.h"

namespace vglaw {

namespace {

bool has_mask(const TableTarget& target) { return !target.segmentation.empty() || !target.mask_file.empty(); }

std::uint32_t position(std::size_t index) {
    if (index >= std::numeric_limits<std::uint32_t>::max()) {
        fail(ErrorCode::unsupported, "the annotations hold more than 2^32 records");
    }
    return std::uint32_t(index);
}

}  // namespace

std::string_view name_of(Flaw flaw) {
    switch (flaw) {
        case Flaw::unknown_annotation:
            return "annotation not in the files";
        case Flaw::unknown_image:
            return "image not in the files";
        case Flaw::other_image:
            return "annotation of another image";
        case Flaw::bad_box:
            return "box without area or not a number";
        case Flaw::box_outside:
            return "box outside its picture";
        case Flaw::no_mask:
            return "no mask";
        case Flaw::bad_mask:
            return "unusable mask";
        default:
            return "picture not found";
    }
}

std::optional<Refusal> flaw_of(const AnnotationTable& table, std::size_t index) {
    const TableTarget& target = table.targets[index];
    const TablePicture& picture = table.pictures[target.picture];
    const BoxXyxy& box = target.box_px;
    const auto refusal = [&](Flaw flaw, const std::string& reason) {
        return Refusal{flaw, target.ref_id, 0, fmt::format("reference {} {}", target.ref_id, reason)};
    };
    const bool finite =
        std::isfinite(box.x0) && std::isfinite(box.y0) && std::isfinite(box.x1) && std::isfinite(box.y1);
    if (!finite || box.x1 <= box.x0 || box.y1 <= box.y0) {
        return refusal(Flaw::bad_box, fmt::format("has the box x {} to {}, y {} to {}, which has no area", box.x0,
                                                  box.x1, box.y0, box.y1));
    }
    const auto beyond = [](float low, float high, int side) { return side > 0 && (high <= 0 || low >= float(side)); };
    if (beyond(box.x0, box.x1, picture.width) || beyond(box.y0, box.y1, picture.height)) {
        return refusal(Flaw::box_outside,
                       fmt::format("has the box x {} to {}, y {} to {}, outside its picture of {}x{}", box.x0, box.x1,
                                   box.y0, box.y1, picture.width, picture.height));
    }
    if (std::error_code error;
        !target.mask_file.empty() && !std::filesystem::is_regular_file(target.mask_file, error)) {
        return refusal(Flaw::bad_mask, fmt::format("needs the mask {}, which does not exist", target.mask_file));
    }
    for (const Rle& runs : target.segmentation.runs) {
        if (picture.width <= 0 || (runs.width == picture.width && runs.height == picture.height)) continue;
        return refusal(Flaw::bad_mask, fmt::format("has a mask of {}x{} on a picture of {}x{}", runs.width, runs.height,
                                                   picture.width, picture.height));
    }
    if (table.has_masks && !has_mask(target)) {
        return refusal(Flaw::no_mask,
                       fmt::format("has no mask: the segmentation of annotation {} is empty", target.annotation_id));
    }
    if (table.pictures_looked_for && picture.path.empty()) {
        return refusal(Flaw::no_picture, fmt::format("needs picture {} (id {}), which is in none of the folders {}",
                                                     picture.file_name, picture.id, table.picture_folders));
    }
    return std::nullopt;
}

std::uint32_t TableBuilder::picture(std::int64_t id, const std::string& file_name, int width, int height) {
    const auto [known, is_new] = by_id_.emplace(id, position(table_.pictures.size()));
    if (is_new) {
        table_.pictures.push_back({id, file_name, width, height, {}});
    } else if (const TablePicture& before = table_.pictures[known->second]; before.file_name != file_name) {
        fail(ErrorCode::corrupt_data, "image id {} is both {} and {}; an id names one picture", id, before.file_name,
             file_name);
    }
    return known->second;
}

std::uint32_t TableBuilder::split(std::string_view label) {
    const auto known = std::ranges::find(table_.splits, label);
    if (known != table_.splits.end()) return std::uint32_t(known - table_.splits.begin());
    // Labels are few in any real set; a search through many would take a time that grows with their square.
    if (table_.splits.size() >= 1000) fail(ErrorCode::corrupt_data, "there are more than 1000 different splits");
    table_.splits.emplace_back(label);
    return std::uint32_t(table_.splits.size() - 1);
}

std::uint32_t TableBuilder::target(TableTarget target) {
    table_.has_masks = table_.has_masks || has_mask(target);
    table_.targets.push_back(std::move(target));
    return position(table_.targets.size() - 1);
}

void TableBuilder::expression(std::uint32_t target, std::int64_t sentence_id, std::string text) {
    table_.expressions.push_back({target, sentence_id, std::move(text)});
}

void TableBuilder::refuse(Flaw flaw, std::int64_t ref_id, std::size_t expressions, const std::string& reason) {
    table_.refused.push_back({flaw, ref_id, expressions, fmt::format("reference {} {}", ref_id, reason)});
}

AnnotationTable TableBuilder::finish() {
    by_id_.clear();
    return std::exchange(table_, {});
}

}  // namespace vglaw
