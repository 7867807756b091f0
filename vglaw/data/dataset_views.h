// Decorators: a part of a data set, several data sets as one.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "vglaw/data/dataset.h"

namespace vglaw {

/// The examples at `indices`, in that order: a fixed validation subset, one expression's neighbours, ...
class SubsetDataset : public Dataset {
public:
    /// Throws invalid_argument when an index is out of range.
    SubsetDataset(std::shared_ptr<const Dataset> whole, std::vector<std::size_t> indices);
    /// `count` examples spread evenly over the set, always the same ones; all of them when it has fewer.
    static SubsetDataset evenly(std::shared_ptr<const Dataset> whole, std::size_t count);

    [[nodiscard]] std::size_t size() const override { return indices_.size(); }
    [[nodiscard]] Example get(std::size_t index) const override;
    [[nodiscard]] bool has_masks() const override { return whole_->has_masks(); }
    [[nodiscard]] std::string name() const override;

private:
    std::shared_ptr<const Dataset> whole_;
    std::vector<std::size_t> indices_;
};

/// One data set after the other. Without masks as soon as one part has none: a batch has masks for all or for nobody.
class ConcatDataset : public Dataset {
public:
    /// Throws invalid_argument without parts.
    explicit ConcatDataset(std::vector<std::shared_ptr<const Dataset>> parts);

    [[nodiscard]] std::size_t size() const override { return ends_.back(); }
    [[nodiscard]] Example get(std::size_t index) const override;
    [[nodiscard]] bool has_masks() const override { return has_masks_; }
    [[nodiscard]] std::string name() const override;

private:
    std::vector<std::shared_ptr<const Dataset>> parts_;
    std::vector<std::size_t> ends_;  // of each part, in examples of the whole
    bool has_masks_ = true;
};

}  // namespace vglaw
