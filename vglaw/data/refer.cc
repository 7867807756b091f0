#include "vglaw/data/refer.h"

#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/data/instances.h"
#include "vglaw/data/refer_files.h"
#include "vglaw/image/decode.h"

namespace vglaw {

// Joins references, annotations and pictures into the data set's tables.
struct ReferDataset::Joiner {
    ReferDataset& set;
    Instances instances;
    ImageFinder finder;
    std::unordered_map<std::int64_t, std::optional<std::size_t>> pictures;  // by image id; nothing: not on disk
    bool expects_masks = false;
    std::size_t unusable_references = 0;

    // Why a reference cannot be used, or "" after it was added.
    std::string add(Reference& reference) {
        const auto annotation = instances.annotations.find(reference.ann_id);
        if (annotation == instances.annotations.end()) {
            return fmt::format("names annotation {}, which instances.json does not hold", reference.ann_id);
        }
        if (annotation->second.image_id != reference.image_id) {
            return fmt::format("is of image {}, but its annotation {} of image {}", reference.image_id,
                               reference.ann_id, annotation->second.image_id);
        }
        const auto image = instances.images.find(reference.image_id);
        if (image == instances.images.end()) {
            return fmt::format("names image {}, which instances.json does not hold", reference.image_id);
        }
        if (expects_masks && annotation->second.segmentation.empty()) {
            return fmt::format("has no mask: the segmentation of annotation {} is empty", reference.ann_id);
        }
        const auto picture = find_picture(reference.image_id, image->second);
        if (!picture) {
            return fmt::format("needs picture {} (id {}), which is in none of the folders {}", image->second.file_name,
                               reference.image_id, finder.describe());
        }
        // Copied, not moved: several references may share an annotation.
        set.targets_.push_back(
            {*picture, reference.ref_id, annotation->second.box_px, annotation->second.segmentation});
        for (ReferSentence& sentence : reference.sentences) {
            set.items_.push_back({set.targets_.size() - 1, sentence.sentence_id, std::move(sentence.text)});
        }
        return {};
    }

    std::optional<std::size_t> find_picture(std::int64_t id, const InstanceImage& image) {
        const auto known = pictures.find(id);
        if (known != pictures.end()) return known->second;
        std::optional<std::size_t> position;
        if (auto path = finder.find(id, image.file_name)) {
            position = set.pictures_.size();
            set.pictures_.push_back({std::move(*path), id, image.width, image.height});
        }
        pictures.emplace(id, position);
        return position;
    }

    void refuse(const Reference& reference, const std::string& reason) {
        ++unusable_references;
        set.skipped_ += reference.sentences.size();
        if (set.skipped_reason_.empty()) {
            set.skipped_reason_ = fmt::format("reference {} {}", reference.ref_id, reason);
        }
    }
};

ReferDataset::ReferDataset(ReferOptions options) : options_(std::move(options)) {
    const ReferFiles files = find_refer_files(options_.data_root, options_.dataset, options_.split_by);
    std::vector<Reference> references = read_references(files.references, options_.split, options_.text);
    std::unordered_set<std::int64_t> annotation_ids, image_ids;
    for (const Reference& reference : references) {
        annotation_ids.insert(reference.ann_id);
        image_ids.insert(reference.image_id);
    }
    Joiner joiner{*this,
                  read_instances(files.instances, annotation_ids, image_ids),
                  ImageFinder(options_.data_root, options_.image_root, options_.dataset),
                  {}};
    for (const auto& [id, annotation] : joiner.instances.annotations) {
        joiner.expects_masks = joiner.expects_masks || !annotation.segmentation.empty();
    }
    has_masks_ = joiner.expects_masks;
    targets_.reserve(references.size());
    for (Reference& reference : references) {
        const std::string reason = joiner.add(reference);
        if (!reason.empty()) joiner.refuse(reference, reason);
    }
    if (joiner.unusable_references > 0 && (!options_.skip_missing || items_.empty())) {
        fail(ErrorCode::not_found, "{}: {} of {} references cannot be used, the first: {}{}", name(),
             joiner.unusable_references, references.size(), skipped_reason_,
             items_.empty() ? "" : "; complete the files, or leave these out with --skip-missing");
    }
}

std::string ReferDataset::name() const {
    return fmt::format("{}({}) {}", options_.dataset, options_.split_by, options_.split);
}

const ReferDataset::Item& ReferDataset::item(std::size_t index) const {
    if (index >= items_.size()) {
        fail(ErrorCode::invalid_argument, "example {} is beyond the {} of {}", index, items_.size(), name());
    }
    return items_[index];
}

const std::filesystem::path& ReferDataset::image_path(std::size_t index) const {
    return pictures_[targets_[item(index).target].picture].path;
}

const std::string& ReferDataset::expression(std::size_t index) const { return item(index).text; }

std::shared_ptr<const Image> ReferDataset::picture(std::size_t picture) const {
    {
        const std::lock_guard lock(kept_mutex_);
        for (const Kept& kept : kept_) {
            if (kept.image && kept.picture == picture) return kept.image;
        }
    }
    // Decoded without the lock: two threads may do the same picture twice, none waits for another's decoder.
    const Picture& source = pictures_[picture];
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

Example ReferDataset::get(std::size_t index) const {
    const Item& words = item(index);
    const Target& target = targets_[words.target];
    Example example;
    example.image = *picture(target.picture);
    example.expression = words.text;
    example.box_px = target.box_px;
    if (has_masks_) {
        try {
            example.mask = target.segmentation.paint(example.image.height, example.image.width);
        } catch (const Error& error) {
            fail(error.code(), "mask of reference {} in {}: {}", target.ref_id, name(), error.what());
        }
    }
    example.image_id = pictures_[target.picture].id;
    example.ref_id = target.ref_id;
    example.sentence_id = words.sentence_id;
    return example;
}

}  // namespace vglaw
