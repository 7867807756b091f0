#include "vglaw/net/weights.h"

#include "vglaw/core/error.h"

namespace vglaw::net {

torch::Tensor to_tensor(const TensorView& view) {
    if (view.dtype == Dtype::i64) {
        const auto tensor = torch::empty(view.shape, torch::kLong);
        std::copy(view.bytes.begin(), view.bytes.end(), static_cast<std::uint8_t*>(tensor.data_ptr()));
        return tensor;
    }
    const auto values = view.to_float();
    return torch::from_blob(const_cast<float*>(values.data()), view.shape, torch::kFloat).clone();
}

void load_weights(torch::nn::Module& network, const ModelBundle& bundle) {
    torch::NoGradGuard no_grad;
    for (auto& item : network.named_parameters()) {
        const auto values = bundle.values(item.key());
        auto& parameter = item.value();
        parameter.copy_(torch::from_blob(const_cast<float*>(values.data()), parameter.sizes(), torch::kFloat));
    }
}

void load_weights(torch::nn::Module& network, const WeightMap& weights) {
    torch::NoGradGuard no_grad;
    for (auto& item : network.named_parameters()) {
        const auto found = weights.find(item.key());
        if (found == weights.end()) fail(ErrorCode::internal, "no initial value for '{}'", item.key());
        auto& parameter = item.value();
        parameter.copy_(torch::from_blob(const_cast<float*>(found->second.data()), parameter.sizes(), torch::kFloat));
    }
}

std::map<std::string, torch::Tensor> snapshot(const torch::nn::Module& network) {
    std::map<std::string, torch::Tensor> tensors;
    for (const auto& item : network.named_parameters()) {
        tensors[item.key()] = item.value().detach().to(torch::kCPU, torch::kFloat, false, true).contiguous();
    }
    return tensors;
}

std::map<std::string, TensorView> views_of(const std::map<std::string, torch::Tensor>& tensors) {
    std::map<std::string, TensorView> views;
    for (const auto& [name, tensor] : tensors) {
        TensorView view;
        view.dtype = tensor.scalar_type() == torch::kLong ? Dtype::i64 : Dtype::f32;
        view.shape = tensor.sizes().vec();
        view.bytes = {static_cast<const std::uint8_t*>(tensor.data_ptr()), tensor.nbytes()};
        views[name] = view;
    }
    return views;
}

}  // namespace vglaw::net
