#include "vglaw/evaluate/gallery.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/evaluate/text_table.h"
#include "vglaw/image/encode.h"

namespace vglaw {
namespace {

namespace fs = std::filesystem;

bool is_gallery_file(const fs::path& path) {
    const std::string stem = path.stem().string();
    return path.extension() == ".png" && stem.size() >= 6 &&
           std::ranges::all_of(stem, [](char c) { return c >= '0' && c <= '9'; });
}

/// Makes the folder and removes an earlier evaluation's pictures, and nothing else, from it.
void prepare_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) fail(ErrorCode::io, "cannot make the report folder {}: {}", folder.string(), error.message());
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        if (is_gallery_file(entry.path())) fs::remove(entry.path(), error);
    }
    if (error) fail(ErrorCode::io, "cannot clear the report folder {}: {}", folder.string(), error.message());
}

std::string ious(const ExpressionRecord& record) {
    const FrameScore& score = record.score.original;
    const std::string mask = record.score.has_mask ? fmt::format(", mask IoU {:.2f}", mask_iou(score.mask)) : "";
    return fmt::format("box IoU {:.2f}{} (original frame)", score.box_iou, mask);
}

}  // namespace

std::string caption(const ExpressionRecord& record) { return fmt::format("{} | {}", record.expression, ious(record)); }

std::vector<DrawnGrounding> to_drawing(const Example& example, const KeptExample& kept) {
    const bool masked = !kept.mask.counts.empty();
    if (masked && (kept.mask.height != example.image.height || kept.mask.width != example.image.width)) {
        fail(ErrorCode::invalid_argument, "expression {} has a predicted mask of {}x{} on a picture of {}x{}",
             kept.record.score.index, kept.mask.width, kept.mask.height, example.image.width, example.image.height);
    }
    DrawnGrounding truth{"truth: " + kept.record.expression, kept.record.truth_px, example.mask};
    DrawnGrounding predicted{"predicted: " + ious(kept.record), kept.record.predicted_px, Mask()};
    if (masked) predicted.mask = decode(kept.mask);
    return {std::move(truth), std::move(predicted)};
}

Gallery write_gallery(const fs::path& folder, const std::string& name, const std::vector<KeptExample>& examples,
                      const Dataset& dataset) {
    prepare_folder(folder / name);
    Gallery gallery;
    for (const KeptExample& kept : examples) {
        const std::size_t index = kept.record.score.index;
        const std::string file = fmt::format("{}/{:06}.png", name, index);
        const Example example = dataset.get(index);
        save_png(folder / file, draw_grounding(example.image, to_drawing(example, kept)));
        gallery.push_back({file, caption(kept.record)});
    }
    return gallery;
}

std::string gallery_markdown(const std::string& heading, const Gallery& gallery) {
    if (gallery.empty()) return "";
    std::string text = fmt::format("\n## {}\n", heading);
    for (const GalleryEntry& entry : gallery) {
        text += fmt::format("\n![]({})\n\n{}\n", entry.file, escape_markdown(entry.caption));
    }
    return text;
}

}  // namespace vglaw
