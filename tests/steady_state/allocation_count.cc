#include "tests/steady_state/allocation_count.h"

#include <link.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* old, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);
void __libc_free(void* memory);
}

namespace vglaw {
namespace {

enum Who { ours, onednn, openmp, others };

struct Range {
    std::uintptr_t begin, end;
    Who who;
};

std::array<Range, 64> ranges;
std::size_t range_count = 0;
std::atomic<bool> counting{false};
std::array<std::atomic<std::size_t>, 4> counts;
std::atomic<std::size_t> onednn_bytes;

int note_module(dl_phdr_info* info, std::size_t /*size*/, void* first) {
    Who who = others;
    if (*static_cast<bool*>(first)) who = ours;  // the executable comes first
    *static_cast<bool*>(first) = false;
    if (std::strstr(info->dlpi_name, "libdnnl") != nullptr) who = onednn;
    if (std::strstr(info->dlpi_name, "libgomp") != nullptr) who = openmp;
    if (who == others) return 0;
    for (int i = 0; i < info->dlpi_phnum && range_count < ranges.size(); ++i) {
        const auto& part = info->dlpi_phdr[i];
        if (part.p_type != PT_LOAD) continue;
        const std::uintptr_t begin = info->dlpi_addr + part.p_vaddr;
        ranges[range_count++] = {begin, begin + part.p_memsz, who};
    }
    return 0;
}

void note(void* caller, std::size_t bytes) {
    if (!counting.load(std::memory_order_relaxed)) return;
    const auto at = reinterpret_cast<std::uintptr_t>(caller);
    Who who = others;
    for (std::size_t i = 0; i < range_count; ++i) {
        if (at >= ranges[i].begin && at < ranges[i].end) who = ranges[i].who;
    }
    counts[who].fetch_add(1, std::memory_order_relaxed);
    if (who == onednn) onednn_bytes.fetch_add(bytes, std::memory_order_relaxed);
}

void* allocate(void* caller, std::size_t bytes, std::size_t alignment) {
    note(caller, bytes);
    void* memory = alignment == 0 ? __libc_malloc(bytes) : __libc_memalign(alignment, bytes);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

}  // namespace

CountAllocations::CountAllocations() {
    if (range_count == 0) {
        bool first = true;
        dl_iterate_phdr(note_module, &first);
    }
    for (auto& count : counts) count = 0;
    onednn_bytes = 0;
    counting = true;
}

AllocationCount CountAllocations::stop() {
    counting = false;
    return {counts[ours], counts[onednn], counts[openmp], counts[others], onednn_bytes};
}

}  // namespace vglaw

// The caller's address is what tells the modules apart, so none of these may be inlined into another.
#define CALLER __builtin_return_address(0)

extern "C" {
void* malloc(std::size_t bytes) {
    vglaw::note(CALLER, bytes);
    return __libc_malloc(bytes);
}
void* calloc(std::size_t count, std::size_t bytes) {
    vglaw::note(CALLER, count * bytes);
    return __libc_calloc(count, bytes);
}
void* realloc(void* old, std::size_t bytes) {
    vglaw::note(CALLER, bytes);
    return __libc_realloc(old, bytes);
}
void* memalign(std::size_t alignment, std::size_t bytes) {
    vglaw::note(CALLER, bytes);
    return __libc_memalign(alignment, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
    vglaw::note(CALLER, bytes);
    return __libc_memalign(alignment, bytes);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) {
    vglaw::note(CALLER, bytes);
    *memory = __libc_memalign(alignment, bytes);
    return *memory == nullptr ? ENOMEM : 0;
}
void free(void* memory) { __libc_free(memory); }
}

void* operator new(std::size_t bytes) { return vglaw::allocate(CALLER, bytes, 0); }
void* operator new[](std::size_t bytes) { return vglaw::allocate(CALLER, bytes, 0); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return vglaw::allocate(CALLER, bytes, std::size_t(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
    return vglaw::allocate(CALLER, bytes, std::size_t(alignment));
}
void* operator new(std::size_t bytes, const std::nothrow_t& /*unused*/) noexcept {
    vglaw::note(CALLER, bytes);
    return __libc_malloc(bytes);
}
void* operator new[](std::size_t bytes, const std::nothrow_t& /*unused*/) noexcept {
    vglaw::note(CALLER, bytes);
    return __libc_malloc(bytes);
}
void operator delete(void* memory) noexcept { __libc_free(memory); }
void operator delete[](void* memory) noexcept { __libc_free(memory); }
void operator delete(void* memory, std::size_t /*bytes*/) noexcept { __libc_free(memory); }
void operator delete[](void* memory, std::size_t /*bytes*/) noexcept { __libc_free(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept { __libc_free(memory); }
void operator delete[](void* memory, std::align_val_t /*alignment*/) noexcept { __libc_free(memory); }
void operator delete(void* memory, std::size_t /*bytes*/, std::align_val_t /*alignment*/) noexcept {
    __libc_free(memory);
}
void operator delete[](void* memory, std::size_t /*bytes*/, std::align_val_t /*alignment*/) noexcept {
    __libc_free(memory);
}
void operator delete(void* memory, const std::nothrow_t& /*unused*/) noexcept { __libc_free(memory); }
void operator delete[](void* memory, const std::nothrow_t& /*unused*/) noexcept { __libc_free(memory); }
