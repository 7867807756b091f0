// `vglaw ground --input LIST --output FILE`: a list of pictures and expressions, answered line by line; goes on after
// any stop. docs/batch.md.
#pragma once

#include <string>

#include "apps/vglaw/model_option.h"

namespace vglaw::app {

struct GroundListOptions {
    std::string input, output;
    std::string shard = "0/1";
    bool strict = false;  ///< a line that could not be answered is a failure
    bool json = false;    ///< the summary as JSON
};

/// An exit code. Throws when nothing could be answered, and when the job cannot go on: a full disk, another writer.
int ground_list(const GroundListOptions& options, const ModelOptions& model);

}  // namespace vglaw::app
