// The one door to LibTorch's headers: they cost half a minute a file, so this is precompiled once (see
// vglaw/net/CMakeLists.txt).
#pragma once

#include <torch/torch.h>
