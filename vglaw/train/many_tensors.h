// What is done to every parameter, in a few operations for all instead of a dozen for each: a GPU computes a small one
// faster than it can be told to, and the CPU reads and writes memory once.
#pragma once

#include <vector>

#include "vglaw/net/torch.h"

namespace vglaw::train {

/// Scales the gradients so that their norm as one vector is at most `largest`; returns the norm before. What has no
/// gradient is left out. Gradients of one type on one device.
double clip_gradients(const std::vector<torch::Tensor>& parameters, double largest);

/// adamw.step() with the same state. Where LibTorch has the fused operation (2.4 and later) by that, which rounds
/// elsewhere: equal to a few units of the last place.
void step_adamw(torch::optim::AdamW& adamw);

}  // namespace vglaw::train
