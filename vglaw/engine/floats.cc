#include "vglaw/engine/floats.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>

namespace vglaw::engine {
namespace {

constexpr std::size_t huge_page_bytes = 2 << 20;

/// Asks for huge pages: a product walks through tens of megabytes, more than the processor has entries for small pages.
/// Only those that lie within, so that no memory is taken beside it: alignment to huge pages would cost a tenth of the
/// model's memory. A system that has none, or lends none, goes on with small ones.
void prefer_huge_pages(void* data, std::size_t bytes) {
#ifdef MADV_HUGEPAGE
    const auto begin = round_up(reinterpret_cast<std::uintptr_t>(data), huge_page_bytes),
               end = (reinterpret_cast<std::uintptr_t>(data) + bytes) / huge_page_bytes * huge_page_bytes;
    if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

}  // namespace

Floats::Floats(std::size_t count) : count_(count) {
    const std::size_t bytes = round_up(std::max<std::size_t>(count, 1) * sizeof(float), alignment_bytes);
    data_.reset(static_cast<float*>(::operator new(bytes, std::align_val_t(alignment_bytes))));
    prefer_huge_pages(data_.get(), bytes);  // before the first touch
    std::fill_n(data_.get(), bytes / sizeof(float), 0.0f);
}

}  // namespace vglaw::engine
