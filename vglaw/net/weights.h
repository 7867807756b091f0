// Between the model file and the modules: the names are the same, so it is a copy by name.
#pragma once

#include <map>
#include <string>

#include "vglaw/format/safetensors.h"
#include "vglaw/model/bundle.h"
#include "vglaw/model/initialize.h"
#include "vglaw/net/network.h"

namespace vglaw::net {

void load_weights(torch::nn::Module& network, const ModelBundle& bundle);
void load_weights(torch::nn::Module& network, const WeightMap& weights);

/// A CPU, contiguous copy of every parameter, by its name in the model file.
[[nodiscard]] std::map<std::string, torch::Tensor> snapshot(const torch::nn::Module& network);
/// Views over CPU contiguous tensors of float or int64, for the safetensors writer; they live as long as the tensors.
[[nodiscard]] std::map<std::string, TensorView> views_of(const std::map<std::string, torch::Tensor>& tensors);
/// A tensor that owns a copy of the view's data, as float32 or int64.
[[nodiscard]] torch::Tensor to_tensor(const TensorView& view);

}  // namespace vglaw::net
