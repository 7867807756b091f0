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
    const auto rows = std::int64_t(batch.count), length = std::int64_t(batch.length);
    const std::int64_t size = batch.size;
    images_ = view(batch.images, {rows, 3, size, size}, torch::kFloat);
    ids_ = view(batch.ids, {rows, length}, torch::kLong);
    token_mask_ = view(batch.token_mask, {rows, length}, torch::kByte);
    if (!batch.span_mask.empty()) span_mask_ = view(batch.span_mask, {rows, length}, torch::kByte);
    boxes_ = view(batch.boxes, {rows, 4}, torch::kFloat);
    if (batch.has_masks) masks_ = view(batch.masks, {rows, size, size}, torch::kByte);
    if (!batch.labels.empty()) {
        labels_ = view(batch.labels, {rows, std::int64_t(batch.labels.size()) / (3 * rows), 3}, torch::kChar);
    }
}

MicroBatch BatchTensors::rows(std::int64_t first, std::int64_t count, const torch::Device& device) const {
    const auto part = [&](const torch::Tensor& all) { return moved(all.slice(0, first, first + count), device); };
    MicroBatch micro;
    micro.images = part(images_);
    micro.ids = part(ids_);
    micro.token_mask = part(token_mask_).to(torch::kBool);
    if (span_mask_.defined()) micro.span_mask = part(span_mask_).to(torch::kBool);
    micro.boxes = part(boxes_);
    if (masks_.defined()) micro.masks = part(masks_).to(torch::kFloat);
    if (labels_.defined()) micro.labels = part(labels_).to(torch::kLong);
    return micro;
}

std::int64_t BatchTensors::seen_cells() const {
    return labels_.defined() ? labels_.select(2, 0).ge(0).sum().item<std::int64_t>() : 0;
}

}  // namespace vglaw::train
