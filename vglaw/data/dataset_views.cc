#include "vglaw/data/dataset_views.h"

#include <algorithm>
#include <utility>

#include "vglaw/core/error.h"

namespace vglaw {

SubsetDataset::SubsetDataset(std::shared_ptr<const Dataset> whole, std::vector<std::size_t> indices)
    : whole_(std::move(whole)), indices_(std::move(indices)) {
    for (const std::size_t index : indices_) {
        if (index >= whole_->size()) {
            fail(ErrorCode::invalid_argument, "a subset asks for example {} of the {} in {}", index, whole_->size(),
                 whole_->name());
        }
    }
}

SubsetDataset SubsetDataset::evenly(std::shared_ptr<const Dataset> whole, std::size_t count) {
    const std::size_t size = whole->size();
    count = std::min(count, size);
    std::vector<std::size_t> indices(count);
    for (std::size_t i = 0; i < count; ++i) indices[i] = i * size / count;
    return {std::move(whole), std::move(indices)};
}

Example SubsetDataset::get(std::size_t index) const {
    if (index >= indices_.size()) {
        fail(ErrorCode::invalid_argument, "example {} is beyond the {} of {}", index, indices_.size(), name());
    }
    return whole_->get(indices_[index]);
}

std::string SubsetDataset::name() const {
    return fmt::format("{} ({} of {})", whole_->name(), indices_.size(), whole_->size());
}

ConcatDataset::ConcatDataset(std::vector<std::shared_ptr<const Dataset>> parts) : parts_(std::move(parts)) {
    if (parts_.empty()) fail(ErrorCode::invalid_argument, "a joined data set needs at least one part");
    std::size_t end = 0;
    for (const auto& part : parts_) {
        ends_.push_back(end += part->size());
        has_masks_ = has_masks_ && part->has_masks();
    }
}

Example ConcatDataset::get(std::size_t index) const {
    const auto end = std::ranges::upper_bound(ends_, index);
    if (end == ends_.end()) {
        fail(ErrorCode::invalid_argument, "example {} is beyond the {} of {}", index, size(), name());
    }
    const auto part = std::size_t(end - ends_.begin());
    Example example = parts_[part]->get(index - (part == 0 ? 0 : ends_[part - 1]));
    if (!has_masks_) example.mask = {};
    return example;
}

std::string ConcatDataset::name() const {
    std::string name;
    for (const auto& part : parts_) name += (name.empty() ? "" : " + ") + part->name();
    return name;
}

}  // namespace vglaw
