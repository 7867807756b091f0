// The options that every command with a model shares.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "vglaw/model/bundle.h"
#include "vglaw/model/forward.h"

namespace vglaw::app {

struct ModelOptions {
    std::string model, backend = "auto", precision = "auto";
    int threads = 0;
};

/// The backend that is meant: for auto the engine, or LibTorch for a network that only it computes.
[[nodiscard]] std::string backend_of(const ModelOptions& options, const ModelConfig& config);
/// "fp32" or "int8", what the backend computes with: for auto what the file's weights are stored for. Throws
/// invalid_argument for int8 by LibTorch.
[[nodiscard]] std::string precision_of(const ModelOptions& options, const ModelBundle& bundle);
void add_model_options(CLI::App& command, ModelOptions& options);
/// The model file named by --model, or the one shipped with the program. Throws as read_bundle does.
[[nodiscard]] ModelBundle open_model(const ModelOptions& options);
/// Throws unsupported for --backend torch and check where LibTorch is not installed.
[[nodiscard]] std::unique_ptr<Forward> open_backend(const ModelOptions& options, const ModelBundle& bundle);
/// Once all is computed: what --backend check found, on stderr; nothing for the others. Throws internal when the two
/// backends disagree.
void report_check(const Forward& forward);

}  // namespace vglaw::app
