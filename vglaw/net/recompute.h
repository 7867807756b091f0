// Activation checkpointing (Chen et al. 2016): memory for time.
#pragma once

#include <functional>

#include "vglaw/net/torch.h"

namespace vglaw::net {

using TensorFunction = std::function<torch::Tensor(const std::vector<torch::Tensor>& inputs)>;

/// f(inputs), but nothing between its inputs and its output is kept: the backward pass runs f once more. f must be made
/// of `inputs`, `parameters` and constants alone; its gradients for both are those of the plain call, bit by bit: the
/// second run draws the same random numbers and has the same mixed precision (`bf16`; there a parameter that several
/// calls share gets the sum of its gradients in float, which the plain calls round). Without a gradient to come it is
/// the plain call. Gradients of gradients are not there.
[[nodiscard]] torch::Tensor recomputed(const TensorFunction& f, const std::vector<torch::Tensor>& inputs,
                                       const std::vector<torch::Tensor>& parameters, bool bf16);

}  // namespace vglaw::net
