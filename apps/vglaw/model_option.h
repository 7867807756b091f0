// The options that every command with a model shares.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "vglaw/model/bundle.h"
#include "vglaw/model/forward.h"

namespace vglaw::app {

struct ModelOptions {
    std::string model, backend = "torch", precision = "fp32";
    int threads = 0;
};

void add_model_options(CLI::App& command, ModelOptions& options);
/// The model file named by --model, or the one shipped with the program. Throws as read_bundle does.
[[nodiscard]] ModelBundle open_model(const ModelOptions& options);
[[nodiscard]] std::unique_ptr<Forward> open_backend(const ModelOptions& options, const ModelBundle& bundle);

}  // namespace vglaw::app
