#include "vglaw/engine/floats.h"

#include <sys/mman.h>

#include <algorithm>

namespace vglaw::engine {
namespace {

constexpr std::size_t huge_page_bytes = 2 << 20;

/// Asks for huge pages: a product walks through tens of megabytes, more than the processor has entries for small ones.
/// Only whole ones, so that no memory is taken beyond the end. A system that has none, or lends none, goes on with
/// small ones.
void prefer_huge_pages(void* data, std::size_t bytes) {
#ifdef MADV_HUGEPAGE
    madvise(data, bytes / huge_page_bytes * huge_page_bytes, MADV_HUGEPAGE);
#endif
}

}  // namespace

Floats::Floats(std::size_t count) : count_(count) {
    const bool large = count * sizeof(float) >= huge_page_bytes;
    const std::size_t bytes = round_up(std::max<std::size_t>(count, 1) * sizeof(float), alignment_bytes);
    const std::align_val_t alignment{large ? huge_page_bytes : alignment_bytes};
    data_ = {static_cast<float*>(::operator new(bytes, alignment)), FreeAligned{alignment}};
    if (large) prefer_huge_pages(data_.get(), bytes);  // before the first touch
    std::fill_n(data_.get(), bytes / sizeof(float), 0.0f);
}

}  // namespace vglaw::engine
