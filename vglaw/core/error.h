// One exception type for the whole program. The library never prints, exits or aborts: it throws this.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

namespace vglaw {

inline constexpr std::size_t kLongestMessage = 2000;  ///< bytes

/// What kind of failure it was; decides an HTTP status or an exit code, never the wording.
enum class ErrorCode {
    invalid_argument,  ///< the caller passed something outside the documented range
    not_found,         ///< a file, key, tensor or split that was named does not exist
    corrupt_data,      ///< bytes from outside break their own format
    unsupported,       ///< a valid input of a kind this program does not handle
    io,                ///< the operating system refused: disk full, permission, ...
    internal,          ///< a broken promise of our own; a bug
};

/// The message is one line: what, where, what to do. It needs no prefix and ends without a full stop. It often quotes a
/// stranger's file or request and ends up in terminals and logs: control characters become \xNN, and what is longer
/// than kLongestMessage is cut.
class Error : public std::runtime_error {
public:
    Error(ErrorCode code, const std::string& message);
    [[nodiscard]] ErrorCode code() const noexcept { return code_; }

private:
    ErrorCode code_;
};

/// Throws Error with a formatted message: `fail(ErrorCode::io, "cannot write {}: {}", path, reason)`.
template <typename... Args>
[[noreturn]] void fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
    throw Error(code, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace vglaw
