// From a checkpoint back into a network and its optimiser.
#pragma once

#include <string>
#include <vector>

#include "vglaw/net/network.h"
#include "vglaw/train/checkpoint.h"
#include "vglaw/train/optimizer.h"

namespace vglaw::train {

/// `now` is the experiment that wants to go on. Throws invalid_argument when the checkpoint is of another network,
/// corrupt_data when a tensor is missing or misshapen (it is named); then nothing has been changed.
void restore(const Checkpoint& checkpoint, const Json& now, net::Network network, Optimizer& optimizer);

/// Dotted keys whose values differ, "train.batch", in the order of `now`; a list counts as one key.
[[nodiscard]] std::vector<std::string> changed_keys(const Json& stored, const Json& now);

}  // namespace vglaw::train
