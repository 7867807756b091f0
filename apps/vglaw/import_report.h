// What an import took, changed, left random and ignored: as a table for people, as JSON for programs.
#pragma once

#include <string>
#include <vector>

#include "vglaw/model/start_model.h"

namespace vglaw::app {

[[nodiscard]] std::string import_table(const std::string& out, const StartModel& start,
                                       const std::vector<ImportedPart>& parts);
[[nodiscard]] std::string import_json(const std::string& out, const StartModel& start,
                                      const std::vector<ImportedPart>& parts);

}  // namespace vglaw::app
