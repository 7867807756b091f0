#include "vglaw/data/sample.h"

#include <algorithm>
#include <utility>

#include "vglaw/core/error.h"

namespace vglaw {

namespace {

std::size_t canvas_pixels(int size) { return std::size_t(size) * std::size_t(size); }

}  // namespace

BatchBuilder::BatchBuilder(std::size_t count, int size)
    : ids_(count), spans_(count), labels_(count), more_(count), masked_(count) {
    if (count == 0 || size <= 0) {
        fail(ErrorCode::invalid_argument, "a batch needs samples and a canvas, got {} samples of side {}", count, size);
    }
    batch_.count = count;
    batch_.size = size;
    batch_.images.resize(count * 3 * canvas_pixels(size));
    batch_.masks.resize(count * canvas_pixels(size));
    batch_.boxes.resize(count * 4);
    batch_.indices.resize(count);
    batch_.placements.resize(count);
}

void BatchBuilder::put(std::size_t row, Sample sample) {
    const std::size_t pixels = canvas_pixels(batch_.size);
    if (row >= batch_.count) {
        fail(ErrorCode::invalid_argument, "row {} is outside a batch of {}", row, batch_.count);
    }
    if (sample.image.size() != 3 * pixels || (!sample.mask.empty() && sample.mask.size() != pixels)) {
        fail(ErrorCode::invalid_argument,
             "sample {} holds {} image and {} mask values, which is not a canvas of side {}; prepare all samples of a "
             "batch for one size",
             sample.index, sample.image.size(), sample.mask.size(), batch_.size);
    }
    if (!sample.span.empty() && sample.span.size() != sample.ids.size()) {
        fail(ErrorCode::invalid_argument, "sample {} marks {} of {} tokens", sample.index, sample.span.size(),
             sample.ids.size());
    }
    for (const FurtherPhrase& phrase : sample.more) {
        if (phrase.span.size() != sample.ids.size() || phrase.mask.size() != sample.mask.size()) {
            fail(ErrorCode::invalid_argument,
                 "a further phrase of sample {} has {} tokens and {} mask values, the first one {} and {}",
                 sample.index, phrase.span.size(), phrase.mask.size(), sample.ids.size(), sample.mask.size());
        }
    }
    std::ranges::copy(sample.image, batch_.images.begin() + std::ptrdiff_t(row * 3 * pixels));
    std::ranges::copy(sample.mask, batch_.masks.begin() + std::ptrdiff_t(row * pixels));
    masked_[row] = sample.mask.empty() ? 0 : 1;
    const float box[4] = {sample.box.cx, sample.box.cy, sample.box.w, sample.box.h};
    std::ranges::copy(box, batch_.boxes.begin() + std::ptrdiff_t(row * 4));
    batch_.indices[row] = sample.index;
    batch_.placements[row] = sample.placement;
    ids_[row] = std::move(sample.ids);
    spans_[row] = std::move(sample.span);
    labels_[row] = std::move(sample.labels);
    more_[row] = std::move(sample.more);
}

Batch BatchBuilder::finish() {
    const auto with_masks = std::size_t(std::ranges::count(masked_, 1));
    if (with_masks != 0 && with_masks != batch_.count) {
        fail(ErrorCode::invalid_argument, "{} of a batch's {} samples have masks; a batch needs all or none",
             with_masks, batch_.count);
    }
    batch_.has_masks = with_masks != 0;
    if (!batch_.has_masks) batch_.masks = {};
    for (const auto& ids : ids_) batch_.length = std::max(batch_.length, ids.size());
    batch_.ids.assign(batch_.count * batch_.length, 0);
    batch_.token_mask.assign(batch_.count * batch_.length, 0);
    for (std::size_t row = 0; row < batch_.count; ++row) {
        const auto begin = std::ptrdiff_t(row * batch_.length);
        std::ranges::copy(ids_[row], batch_.ids.begin() + begin);
        std::fill_n(batch_.token_mask.begin() + begin, ids_[row].size(), std::uint8_t{1});
    }
    for (std::size_t row = 0; row < batch_.count; ++row) {
        for (const FurtherPhrase& phrase : more_[row]) {
            batch_.further.push_back(row);
            batch_.boxes.insert(batch_.boxes.end(), {phrase.box.cx, phrase.box.cy, phrase.box.w, phrase.box.h});
            batch_.masks.insert(batch_.masks.end(), phrase.mask.begin(), phrase.mask.end());
            spans_.push_back(phrase.span);
        }
    }
    if (std::ranges::any_of(spans_, [](const auto& span) { return !span.empty(); })) {
        batch_.span_mask.assign(batch_.phrases() * batch_.length, 0);
        for (std::size_t row = 0; row < batch_.phrases(); ++row)
            std::ranges::copy(spans_[row], batch_.span_mask.begin() + std::ptrdiff_t(row * batch_.length));
    }
    // Small beside the pictures, so copied here: a batch has labels only when all of them do, and of one grid.
    const auto labels = labels_.front().size();
    if (std::ranges::all_of(labels_, [labels](const auto& row) { return row.size() == labels; })) {
        for (const auto& row : labels_) batch_.labels.insert(batch_.labels.end(), row.begin(), row.end());
    }
    return std::move(batch_);
}

Batch collate(std::span<const Sample> samples) {
    if (samples.empty()) fail(ErrorCode::invalid_argument, "a batch needs at least one sample");
    BatchBuilder builder(samples.size(), samples.front().placement.size);
    for (std::size_t row = 0; row < samples.size(); ++row) builder.put(row, samples[row]);
    return builder.finish();
}

}  // namespace vglaw
