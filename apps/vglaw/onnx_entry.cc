// What libvglaw_onnx.so offers the program; see onnx_module.h.
#include "apps/vglaw/onnx_module.h"

extern "C" const void* vglaw_onnx_module() {
    static const vglaw::app::OnnxModule module{vglaw::onnx::export_onnx};
    return &module;
}
