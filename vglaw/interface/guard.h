// What stands between C++ and C: an exception becomes a status, and a line that the calling thread keeps.
#pragma once

#include "vglaw/core/error.h"
#include "vglaw/interface/vglaw.h"

namespace vglaw::interface {

/// Called inside a catch block: the status of what is being thrown; its message becomes this thread's last error.
[[nodiscard]] vglaw_status status_of_exception() noexcept;

template <typename Body>
[[nodiscard]] vglaw_status guarded(const Body& body) noexcept {
    try {
        body();
        return VGLAW_OK;
    } catch (...) {
        return status_of_exception();
    }
}

/// Throws invalid_argument, naming what must not be null.
inline void require(const void* pointer, const char* name) {
    if (pointer == nullptr) fail(ErrorCode::invalid_argument, "{} is NULL", name);
}

}  // namespace vglaw::interface
