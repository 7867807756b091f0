// Counts what a stretch of code allocates, told apart by who asked for it. Replaces malloc and operator new of the
// whole program, so it belongs to an executable of its own.
#pragma once

#include <cstddef>

namespace vglaw {

struct AllocationCount {
    std::size_t ours = 0;    ///< by code of this executable, with the rooms linked into it
    std::size_t onednn = 0;  ///< by libdnnl
    std::size_t openmp = 0;  ///< by libgomp
    std::size_t others = 0;  ///< by any other library
    std::size_t onednn_bytes = 0;
};

/// On every thread, from construction to stop().
class CountAllocations {
public:
    CountAllocations();
    CountAllocations(const CountAllocations&) = delete;
    CountAllocations& operator=(const CountAllocations&) = delete;
    ~CountAllocations() { (void)stop(); }
    [[nodiscard]] AllocationCount stop();
};

}  // namespace vglaw
