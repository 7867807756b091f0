// What every reader promises about bytes from strangers, as a check that a fuzzer can run: they are read, or refused by
// one vglaw::Error of one line. Anything else (another exception, an internal error, a crash, a hang) is a finding.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

#include "vglaw/core/error.h"

namespace vglaw::fuzz {

/// Ends the program, as a fuzzer wants its findings.
[[noreturn]] inline void broken_promise(std::string_view what) {
    std::fprintf(stderr, "broken promise: %.*s\n", int(what.size()), what.data());
    std::abort();
}

inline void require(bool kept, std::string_view promise) {
    if (!kept) broken_promise(promise);
}

/// Looks at every byte, so that the sanitizers see one that is not there.
inline void touch(std::span<const std::uint8_t> bytes) {
    unsigned sum = 0;
    for (const std::uint8_t byte : bytes) sum += byte;
    asm volatile("" : : "r"(sum));
}

/// True when `read` returned, false when it refused.
template <typename Read>
bool read_or_refuse(Read read) {
    try {
        read();
        return true;
    } catch (const Error& error) {
        const std::string_view message = error.what();
        if (error.code() == ErrorCode::internal) broken_promise(message);
        require(!message.empty(), "a refusal says why");
        require(message.size() <= kLongestMessage, "a refusal does not quote the whole file");
        for (const char c : message) {
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) broken_promise("a refusal is one line of text");
        }
        return false;
    }
}

}  // namespace vglaw::fuzz
