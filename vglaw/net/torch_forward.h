// The Forward interface over LibTorch. This header is free of LibTorch, so that commands include it cheaply.
#pragma once

#include <memory>

#include "vglaw/model/bundle.h"
#include "vglaw/model/forward.h"

namespace vglaw::net {

/// threads: 0 for every core. Throws Error; LibTorch's own exceptions are translated.
[[nodiscard]] std::unique_ptr<Forward> make_torch_forward(const ModelBundle& bundle, int threads);

/// Sets LibTorch's threads for the whole process (Debian's starts with one); 0 for every core.
void set_threads(int threads);

}  // namespace vglaw::net
