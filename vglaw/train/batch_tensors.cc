#include "vglaw/train/batch_tensors.h"

#include <vector>

namespace vglaw::train {
namespace {

template <typename Data>
torch::Tensor view(const Data& data, std::vector<std::int64_t> shape, torch::Dtype type) {
    return torch::from_blob(const_cast<void*>(static_cast<const void*>(data.data())), shape, type);
}

}  // namespace

torch::Tensor moved(const torch::Tensor& tensor, const torch::Device& device) {
    return device.is_cuda() && tensor.numel() > 0 ? tensor.pin_memory().to(device, true) : tensor.to(device);
}

BatchTensors::BatchTensors(const Batch& batch) {
    const auto rows = std::int64_t(batch.count), phrases = std::int64_t(batch.phrases());
    const auto length = std::int64_t(batch.length);
    further_.assign(batch.further.begin(), batch.further.end());
    const std::int64_t size = batch.size;
    images_ = view(batch.images, {rows, 3, size, size}, torch::kFloat);
    ids_ = view(batch.ids, {rows, length}, torch::kLong);
    token_mask_ = view(batch.token_mask, {rows, length}, torch::kByte);
    if (!batch.span_mask.empty()) span_mask_ = view(batch.span_mask, {phrases, length}, torch::kByte);
    boxes_ = view(batch.boxes, {phrases, 4}, torch::kFloat);
    if (batch.has_masks) masks_ = view(batch.masks, {phrases, size, size}, torch::kByte);
    if (!batch.labels.empty()) {
        labels_ = view(batch.labels, {rows, std::int64_t(batch.labels.size()) / (3 * rows), 3}, torch::kChar);
    }
}

MicroBatch BatchTensors::rows(std::int64_t first, std::int64_t count, const torch::Device& device) const {
    const auto part = [&](const torch::Tensor& all) { return moved(all.slice(0, first, first + count), device); };
    // The samples' own phrases, then the further ones.
    std::vector<std::int64_t> places, owners;
    for (std::int64_t i = 0; i < count; ++i) {
        places.push_back(first + i);
        owners.push_back(i);
    }
    for (std::size_t i = 0; i < further_.size(); ++i) {
        if (further_[i] < first || further_[i] >= first + count) continue;
        places.push_back(images_.size(0) + std::int64_t(i));
        owners.push_back(further_[i] - first);
    }
    const bool more = std::int64_t(places.size()) > count;
    const auto of_phrases = [&](const torch::Tensor& all) {
        return more ? moved(all.index_select(0, torch::tensor(places)), device) : part(all);
    };
    MicroBatch micro;
    micro.images = part(images_);
    micro.ids = part(ids_);
    micro.token_mask = part(token_mask_).to(torch::kBool);
    if (more) micro.owner = moved(torch::tensor(owners), device);
    if (span_mask_.defined()) micro.span_mask = of_phrases(span_mask_).to(torch::kBool);
    micro.boxes = of_phrases(boxes_);
    if (masks_.defined()) micro.masks = of_phrases(masks_).to(torch::kFloat);
    if (labels_.defined()) {
        micro.labels = part(labels_).to(torch::kLong);
        if (more) micro.labels = micro.labels.index_select(0, micro.owner);
    }
    return micro;
}

std::int64_t BatchTensors::seen_cells() const {
    if (!labels_.defined()) return 0;
    const auto seen = labels_.select(2, 0).ge(0).sum(1);  // (B)
    auto sum = seen.sum().item<std::int64_t>();
    if (!further_.empty()) sum += seen.index_select(0, torch::tensor(further_)).sum().item<std::int64_t>();
    return sum;
}

}  // namespace vglaw::train
