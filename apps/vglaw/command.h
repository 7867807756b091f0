// A command of the program: one file each, one row of the table in main.cc each.
#pragma once

#include <CLI/CLI.hpp>

namespace vglaw::app {

/// For options of an unsigned type: CLI11 reads -1 as the greatest number.
inline const CLI::Validator not_negative(
    [](std::string& text) {
        return text.starts_with('-') ? text + " is negative; 0 or more is accepted" : std::string();
    },
    "");

/// Adds the command's options to `command` and returns what to do once they are parsed: an exit code.
using Setup = std::function<int()> (*)(CLI::App& command);

std::function<int()> setup_ground(CLI::App& command);
std::function<int()> setup_init(CLI::App& command);
std::function<int()> setup_import(CLI::App& command);
std::function<int()> setup_export(CLI::App& command);
std::function<int()> setup_inspect(CLI::App& command);
std::function<int()> setup_scenes(CLI::App& command);
std::function<int()> setup_train(CLI::App& command);
std::function<int()> setup_sweep(CLI::App& command);
std::function<int()> setup_report(CLI::App& command);
std::function<int()> setup_eval(CLI::App& command);
std::function<int()> setup_data(CLI::App& command);
std::function<int()> setup_bench(CLI::App& command);
std::function<int()> setup_serve(CLI::App& command);

}  // namespace vglaw::app
