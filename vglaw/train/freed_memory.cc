#include "vglaw/train/freed_memory.h"

#include <cstdlib>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace vglaw {

void keep_freed_memory() {
#if defined(__GLIBC__)
    // Whoever tunes the allocator from outside knows better.
    if (std::getenv("GLIBC_TUNABLES") != nullptr || std::getenv("MALLOC_TRIM_THRESHOLD_") != nullptr) return;
    mallopt(M_MMAP_MAX, 0);         // blocks of their own go back as soon as they are freed
    mallopt(M_TRIM_THRESHOLD, -1);  // never
#endif
}

}  // namespace vglaw
