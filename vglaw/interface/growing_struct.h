// Structs that begin with struct_size: callers compiled against an older or a newer header are understood.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "vglaw/interface/guard.h"

namespace vglaw::interface {

/// More than any of them will be: a struct whose size was never set is not read to the end of memory.
inline constexpr std::size_t kLargestStruct = 4096;

/// The caller's size of `given`. first: bytes of the struct's first version, up to the end of its last field.
template <typename T>
[[nodiscard]] std::size_t checked_size(const T* given, std::size_t first, const char* name) {
    require(given, name);
    std::size_t size = 0;
    std::memcpy(&size, given, sizeof(size));
    if (size < first || size > kLargestStruct) {
        fail(ErrorCode::invalid_argument, "{}->struct_size is {}; set it to sizeof(*{})", name, size, name);
    }
    return size;
}

/// Options as this library knows them; those that an older caller does not know keep their default 0, and so do all of
/// NULL. Throws unsupported when a newer caller sets one that is unknown here.
template <typename T>
[[nodiscard]] T read_options(const T* given, std::size_t first, const char* name) {
    T options{};
    options.struct_size = sizeof(T);
    if (given == nullptr) return options;
    const std::size_t size = checked_size(given, first, name);
    const auto* bytes = reinterpret_cast<const unsigned char*>(given);
    for (std::size_t i = sizeof(T); i < size; ++i) {
        if (bytes[i] != 0) {
            fail(ErrorCode::unsupported, "{} sets what this library, version {}, does not know; install a newer one",
                 name, vglaw_version());
        }
    }
    std::memcpy(&options, given, std::min(size, sizeof(T)));
    return options;
}

/// Fills what the caller's struct has room for; what only a newer header knows becomes 0. struct_size stays.
template <typename T>
void write_struct(T& value, T* out, std::size_t first, const char* name) {
    const std::size_t size = checked_size(out, first, name);
    value.struct_size = size;
    std::memset(static_cast<void*>(out), 0, size);
    std::memcpy(static_cast<void*>(out), &value, std::min(size, sizeof(T)));
}

}  // namespace vglaw::interface
