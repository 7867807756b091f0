// The figures of the network in training on the validation data.
#pragma once

#include <string>

#include "vglaw/data/dataset.h"
#include "vglaw/evaluate/metrics.h"
#include "vglaw/net/network.h"
#include "vglaw/text/tokenizer.h"
#include "vglaw/train/process_group.h"

namespace vglaw::train {

/// Every rank scores its share of the batches of `batch`, each expression once, none twice to fill up; the counters are
/// added, which is exact. All ranks get the whole set's figures.
[[nodiscard]] Metrics validate(net::Network network, const Dataset& data, const Tokenizer& tokenizer, std::size_t batch,
                               ProcessGroup& group);

/// What "best" is measured by, the mean of what is trained: Prec@0.5 for the box, mIoU for the mask.
[[nodiscard]] double score_of(const Metrics& metrics, const std::string& tasks);

}  // namespace vglaw::train
