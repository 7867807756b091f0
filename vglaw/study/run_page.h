// Training runs as one web page: nothing is fetched, so it can be mailed, archived and opened anywhere.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "vglaw/study/evaluation_folder.h"
#include "vglaw/study/run_log.h"

namespace vglaw {

struct RunPageOptions {
    std::string title = "Training report";
    Json defaults = Json::object();  ///< a configuration of defaults, for what a single run sets otherwise
    std::size_t examples = 8;        ///< hits, and as many misses, of each evaluation
};

/// `evaluations`: one list a run. Results, curves, examples, configurations. Throws what a picture's file throws.
[[nodiscard]] std::string run_page(const std::vector<RunLog>& runs,
                                   const std::vector<std::vector<EvaluationFolder>>& evaluations,
                                   const RunPageOptions& options);

}  // namespace vglaw
