// Configurations side by side.
#pragma once

#include <string>
#include <vector>

#include "vglaw/core/config_fields.h"

namespace vglaw {

/// One key of several configurations.
struct ConfigRow {
    std::string key;                  ///< dotted, "law.rank"
    std::vector<std::string> values;  ///< one a configuration, as JSON; empty where it has no such key
    [[nodiscard]] bool differs() const;
};

/// Every key of any of them; a list counts as one value. In the order in which they first appear.
[[nodiscard]] std::vector<ConfigRow> compare_configs(const std::vector<Json>& configs);

}  // namespace vglaw
