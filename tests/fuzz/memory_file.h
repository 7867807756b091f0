// A file without a disk: for readers that open a path.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "tests/fuzz/contract.h"

namespace vglaw::fuzz {

/// Linux's memfd under its name in /proc; gone with the object.
class MemoryFile {
public:
    explicit MemoryFile(std::span<const std::uint8_t> bytes) : descriptor_(::memfd_create("fuzz", MFD_CLOEXEC)) {
        require(descriptor_ >= 0, "memfd_create works");
        for (std::size_t done = 0; done < bytes.size();) {
            const ssize_t put = ::write(descriptor_, bytes.data() + done, bytes.size() - done);
            require(put > 0, "memory can be written");
            done += std::size_t(put);
        }
    }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    ~MemoryFile() { ::close(descriptor_); }

    [[nodiscard]] std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

private:
    int descriptor_;
};

}  // namespace vglaw::fuzz
