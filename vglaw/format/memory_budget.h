// How much memory a small file may make of itself: what is unpacked or copied out of it is counted here.
#pragma once

#include <cstddef>
#include <string>

#include "vglaw/core/error.h"

namespace vglaw {

class MemoryBudget {
public:
    MemoryBudget(std::string origin, std::size_t bytes) : origin_(std::move(origin)), limit_(bytes), left_(bytes) {}

    /// Throws unsupported, naming the file and the bound, when less than `bytes` is left.
    void take(std::size_t bytes) {
        if (bytes > left_) {
            fail(ErrorCode::unsupported,
                 "{}: unpacking it takes more than the {} bytes of memory that a file of its size may have", origin_,
                 limit_);
        }
        left_ -= bytes;
    }

private:
    std::string origin_;
    std::size_t limit_, left_;
};

}  // namespace vglaw
