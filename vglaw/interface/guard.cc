#include "vglaw/interface/guard.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <iterator>
#include <new>

namespace vglaw::interface {
namespace {

/// Of the thread's last failure. An array: out of memory must still be able to say so.
thread_local char last_error[kLongestMessage + 1] = "";

void keep(const char* message) noexcept {
    const std::size_t length = std::min(std::strlen(message), kLongestMessage);
    std::memcpy(last_error, message, length);
    last_error[length] = '\0';
}

vglaw_status status_of(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::invalid_argument:
            return VGLAW_INVALID_ARGUMENT;
        case ErrorCode::not_found:
            return VGLAW_NOT_FOUND;
        case ErrorCode::corrupt_data:
            return VGLAW_CORRUPT_DATA;
        case ErrorCode::unsupported:
            return VGLAW_UNSUPPORTED;
        case ErrorCode::io:
            return VGLAW_IO;
        case ErrorCode::internal:
            return VGLAW_INTERNAL;
    }
    return VGLAW_INTERNAL;
}

constexpr const char* texts[] = {"done",        "invalid argument", "not found",      "corrupt data",
                                 "unsupported", "input or output",  "internal error", "out of memory"};

}  // namespace

vglaw_status status_of_exception() noexcept {
    try {
        throw;
    } catch (const Error& error) {
        keep(error.what());
        return status_of(error.code());
    } catch (const std::bad_alloc&) {
        keep("out of memory; use a smaller model, picture or number of expressions");
        return VGLAW_OUT_OF_MEMORY;
    } catch (const std::exception& error) {
        keep(error.what());
    } catch (...) {
        keep("an exception of an unknown kind");
    }
    return VGLAW_INTERNAL;
}

}  // namespace vglaw::interface

const char* vglaw_version(void) { return VGLAW_VERSION; }

const char* vglaw_status_text(int status) {
    using vglaw::interface::texts;
    const auto index = static_cast<std::size_t>(status);
    return index < std::size(texts) ? texts[index] : "unknown status";
}

const char* vglaw_last_error(void) { return vglaw::interface::last_error; }
