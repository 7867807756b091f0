// What libvglaw_torch.so offers the program; see torch_module.h.
#include "apps/vglaw/command.h"
#include "apps/vglaw/torch_module.h"
#include "vglaw/net/torch_forward.h"

extern "C" const void* vglaw_torch_module() {
    static const vglaw::app::TorchModule module{vglaw::app::setup_train, vglaw::net::make_torch_forward};
    return &module;
}
