// A fuzzer's input taken apart: numbers from its front, the rest as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace vglaw::fuzz {

class InputBytes {
public:
    InputBytes(const std::uint8_t* data, std::size_t size) : left_(data, size) {}

    [[nodiscard]] std::size_t size() const { return left_.size(); }
    /// The next number as it lies there; of what is missing at the end, zeros.
    template <typename Number>
    Number take() {
        Number number{};
        const std::size_t taken = left_.size() < sizeof number ? left_.size() : sizeof number;
        if (taken > 0) std::memcpy(&number, left_.data(), taken);
        left_ = left_.subspan(taken);
        return number;
    }
    [[nodiscard]] std::span<const std::uint8_t> rest() const { return left_; }
    [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(left_.data()), left_.size()}; }

private:
    std::span<const std::uint8_t> left_;
};

}  // namespace vglaw::fuzz
