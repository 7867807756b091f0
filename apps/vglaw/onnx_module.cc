#include "apps/vglaw/onnx_module.h"

#include "apps/vglaw/program_module.h"

namespace vglaw::app {

const OnnxModule& onnx_module() {
    static const auto* const module = static_cast<const OnnxModule*>(
        open_module({.file = "libvglaw_onnx.so",
                     .entry = "vglaw_onnx_module",
                     .package = "libonnx1",
                     .absent = "export --to onnx needs libvglaw_onnx.so: install the package vglaw-onnx, or, where the "
                               "program was built without "
                               "Debian's libonnx-dev or libprotobuf-dev, install both and build again"}));
    return *module;
}

}  // namespace vglaw::app
