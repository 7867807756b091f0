#include "vglaw/data/annotated_dataset.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/data/mask_file.h"
#include "vglaw/image/decode.h"

namespace vglaw {

Mask paint_mask(const TableTarget& target, int height, int width) {
    if (target.mask_file.empty()) return target.segmentation.paint(height, width);
    Mask mask = read_mask_file(target.mask_file);
    if (mask.height != height || mask.width != width) {
        fail(ErrorCode::corrupt_data, "{} is {}x{} pixels, its picture {}x{}", target.mask_file, mask.width,
             mask.height, width, height);
    }
    return mask;
}

AnnotatedDataset::AnnotatedDataset(AnnotationTable table, bool skip_missing) : table_(std::move(table)) {
    const std::size_t all = table_.targets.size() + table_.refused.size();
    std::size_t unusable = table_.refused.size();
    for (const Refusal& refusal : table_.refused) skipped_ += refusal.expressions;
    if (!table_.refused.empty()) skipped_reason_ = table_.refused.front().reason;

    // Usable targets move up, in order; their expressions follow them.
    constexpr std::uint32_t left_out = 0xffffffff;
    std::vector<std::uint32_t> moved(table_.targets.size(), left_out);
    std::uint32_t kept = 0;
    for (std::size_t i = 0; i < table_.targets.size(); ++i) {
        if (const std::optional<Refusal> refusal = flaw_of(table_, i)) {
            ++unusable;
            if (skipped_reason_.empty()) skipped_reason_ = refusal->reason;
            continue;
        }
        if (i != kept) table_.targets[kept] = std::move(table_.targets[i]);
        moved[i] = kept++;
    }
    table_.targets.resize(kept);
    skipped_ +=
        std::erase_if(table_.expressions, [&](const TableExpression& said) { return moved[said.target] == left_out; });
    for (TableExpression& said : table_.expressions) said.target = moved[said.target];

    if (table_.expressions.empty() || (unusable > 0 && !skip_missing)) {
        if (unusable == 0) fail(ErrorCode::not_found, "{} holds no expression", name());
        fail(ErrorCode::not_found, "{}: {} of {} references cannot be used, the first: {}{}", name(), unusable, all,
             skipped_reason_,
             table_.expressions.empty() ? "" : "; complete the files, or leave these out with --skip-missing");
    }
}

std::string AnnotatedDataset::note() const {
    std::string note;
    if (skipped_ > 0) note = fmt::format("left out {} expressions, the first: {}", skipped_, skipped_reason_);
    if (!has_masks() && !table_.without_masks.empty()) {
        note += fmt::format("{}there are no masks, so RES is not measured: {}", note.empty() ? "" : "; ",
                            table_.without_masks);
    }
    return note.empty() ? note : fmt::format("{}: {}", name(), note);
}

std::size_t AnnotatedDataset::images() const {
    std::vector<bool> used(table_.pictures.size());
    for (const TableTarget& target : table_.targets) used[target.picture] = true;
    return std::size_t(std::ranges::count(used, true));
}

const TableExpression& AnnotatedDataset::item(std::size_t index) const {
    if (index >= size()) {
        fail(ErrorCode::invalid_argument, "example {} is beyond the {} of {}", index, size(), name());
    }
    return table_.expressions[index];
}

const std::filesystem::path& AnnotatedDataset::image_path(std::size_t index) const {
    return table_.pictures[table_.targets[item(index).target].picture].path;
}

std::shared_ptr<const Image> AnnotatedDataset::picture(std::uint32_t picture) const {
    {
        const std::lock_guard lock(kept_mutex_);
        for (const Kept& kept : kept_) {
            if (kept.image && kept.picture == picture) return kept.image;
        }
    }
    // Decoded without the lock: two threads may do the same picture twice, none waits for another's decoder.
    const TablePicture& source = table_.pictures[picture];
    auto image = std::make_shared<const Image>(load_image(source.path, {.apply_exif = false}));
    if (source.width != 0 && (image->width != source.width || image->height != source.height)) {
        fail(ErrorCode::corrupt_data,
             "{} is {}x{} pixels, but its annotations were made for {}x{}; use the original files",
             source.path.string(), image->width, image->height, source.width, source.height);
    }
    const std::lock_guard lock(kept_mutex_);
    kept_[next_kept_] = {picture, image};
    next_kept_ = (next_kept_ + 1) % kept_.size();
    return image;
}

Example AnnotatedDataset::get(std::size_t index) const {
    const TableExpression& said = item(index);
    const TableTarget& target = table_.targets[said.target];
    Example example;
    example.image = *picture(target.picture);
    example.expression = said.text;
    example.box_px = target.box_px;
    if (has_masks()) {
        try {
            example.mask = paint_mask(target, example.image.height, example.image.width);
        } catch (const Error& error) {
            fail(error.code(), "mask of reference {} in {}: {}", target.ref_id, name(), error.what());
        }
    }
    example.image_id = table_.pictures[target.picture].id;
    example.ref_id = target.ref_id;
    example.sentence_id = said.sentence_id;
    return example;
}

}  // namespace vglaw
