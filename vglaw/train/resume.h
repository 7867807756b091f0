// From a checkpoint back into a network and its optimiser.
#pragma once

#include <string>
#include <vector>

#include "vglaw/data/dataset.h"
#include "vglaw/net/network.h"
#include "vglaw/train/checkpoint.h"
#include "vglaw/train/optimizer.h"

namespace vglaw::train {

/// `now` is the experiment that wants to go on. Throws invalid_argument when the checkpoint is of another network or
/// optimiser and names the keys that differ, corrupt_data when a tensor is missing or misshapen (it is named); then
/// nothing has been changed.
void restore(const Checkpoint& checkpoint, const Json& now, net::Network network, Optimizer& optimizer);

/// Dotted keys whose values differ, "train.batch", in the order of `now`; a list counts as one key.
[[nodiscard]] std::vector<std::string> changed_keys(const Json& stored, const Json& now);

/// What a checkpoint says of its data sets.
[[nodiscard]] Json describe_data(const Dataset& train, const Dataset& val);
/// Compares with what they are now. Throws invalid_argument for one that has shrunk: the place in the run would be a
/// place in other data. Returns a line for a person when one has grown.
[[nodiscard]] std::string check_data(const Checkpoint& checkpoint, const Json& now);

}  // namespace vglaw::train
