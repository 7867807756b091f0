// The part of the program that writes ONNX files by the onnx package: libvglaw_onnx.so, see program_module.h.
#pragma once

#include "vglaw/onnx/export_onnx.h"

namespace vglaw::app {

struct OnnxModule {
    onnx::ExportSummary (*export_onnx)(const ModelBundle& bundle, const onnx::ExportOptions& options,
                                       const std::filesystem::path& path);
};

/// Throws unsupported when the module is not there or does not load.
[[nodiscard]] const OnnxModule& onnx_module();

}  // namespace vglaw::app
