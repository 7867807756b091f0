// What `vglaw eval --report` wrote, read back.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "vglaw/core/config_fields.h"

namespace vglaw {

struct EvaluationPicture {
    std::filesystem::path file;
    std::string expression;  ///< empty when per_expression.jsonl does not tell
    std::string ious;        ///< "box IoU 0.82, mask IoU 0.77", likewise
};

struct EvaluationFolder {
    std::filesystem::path folder;
    Json figures;                                 ///< report.json (evaluate/report.h)
    std::vector<EvaluationPicture> hits, misses;  ///< in the order of their names
};

/// Those among `folder` and the folders in it that hold a report.json, sorted by name. Throws corrupt_data for one that
/// is not a report's.
[[nodiscard]] std::vector<EvaluationFolder> find_evaluations(const std::filesystem::path& folder);
[[nodiscard]] EvaluationFolder read_evaluation(const std::filesystem::path& folder);

}  // namespace vglaw
