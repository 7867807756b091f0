// The commands of `vglaw data`: one file each, one row of the table in data.cc each.
#pragma once

#include "apps/vglaw/command.h"

namespace vglaw::app {

std::function<int()> setup_data_check(CLI::App& command);
std::function<int()> setup_data_convert(CLI::App& command);
std::function<int()> setup_data_leak(CLI::App& command);
std::function<int()> setup_data_show(CLI::App& command);

}  // namespace vglaw::app
