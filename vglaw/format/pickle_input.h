// The bytes of a pickle, taken piece by piece and never beyond their end.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

#include "vglaw/core/error.h"
#include "vglaw/format/quote.h"

namespace vglaw {

class PickleInput {
public:
    PickleInput(std::string_view text, std::string origin) : text_(text), origin_(std::move(origin)) {}

    [[nodiscard]] std::size_t position() const { return at_; }
    [[nodiscard]] std::size_t opcode_position() const { return opcode_at_; }
    [[nodiscard]] const std::string& origin() const { return origin_; }

    unsigned char take_opcode() {
        opcode_at_ = at_;
        return static_cast<unsigned char>(take(1)[0]);
    }

    [[noreturn]] void bad(std::string_view reason) const {
        fail(ErrorCode::corrupt_data, "{}: not a readable pickle, at byte {}: {}", origin_, opcode_at_, reason);
    }

    std::string_view take(std::size_t size) {
        if (size > text_.size() - at_) bad("the pickle is truncated");
        const std::string_view taken = text_.substr(at_, size);
        at_ += size;
        return taken;
    }

    std::uint64_t take_little(std::size_t size) {
        const std::string_view bytes = take(size);
        std::uint64_t value = 0;
        for (std::size_t i = size; i-- > 0;) value = (value << 8) | static_cast<unsigned char>(bytes[i]);
        return value;
    }

    std::string_view take_sized(std::size_t width) { return take(std::size_t(take_little(width))); }

    /// A text argument, up to the newline; also without the carriage return that a Windows copy may have put before it.
    std::string_view take_line() {
        const void* const end =
            at_ < text_.size() ? std::memchr(text_.data() + at_, '\n', text_.size() - at_) : nullptr;
        if (end == nullptr) bad("the pickle is truncated inside a line");
        std::string_view line = take(std::size_t(static_cast<const char*>(end) - (text_.data() + at_)));
        ++at_;
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        return line;
    }

    template <typename Number>
    Number parse_number(std::string_view line) const {
        Number value{};
        const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
        if (error == std::errc::result_out_of_range && std::is_integral_v<Number>) {
            fail(ErrorCode::unsupported, "{}: the integer {} at byte {} does not fit 64 bits", origin_, quote(line),
                 opcode_at_);
        }
        if (error != std::errc{} || end != line.data() + line.size()) bad("not a number: " + quote(line));
        return value;
    }

private:
    std::string_view text_;
    std::string origin_;
    std::size_t at_ = 0, opcode_at_ = 0;
};

}  // namespace vglaw
