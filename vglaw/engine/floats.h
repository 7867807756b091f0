// Memory for numbers, aligned to a cache line and to every vector width.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace vglaw::engine {

constexpr std::size_t alignment_bytes = 64;
constexpr std::size_t floats_a_line = alignment_bytes / sizeof(float);

[[nodiscard]] constexpr std::size_t round_up(std::size_t value, std::size_t to) { return (value + to - 1) / to * to; }

/// `count` zeros, 64-byte aligned; movable, not copyable. Large ones lie in huge pages where the system lends them.
class Floats {
public:
    Floats() = default;
    explicit Floats(std::size_t count);
    [[nodiscard]] float* data() { return data_.get(); }
    [[nodiscard]] const float* data() const { return data_.get(); }
    [[nodiscard]] std::size_t size() const { return count_; }
    [[nodiscard]] float& operator[](std::size_t i) { return data_.get()[i]; }
    [[nodiscard]] float operator[](std::size_t i) const { return data_.get()[i]; }

private:
    struct Free {
        void operator()(float* data) const { ::operator delete(data, std::align_val_t(alignment_bytes)); }
    };
    std::unique_ptr<float, Free> data_;
    std::size_t count_ = 0;
};

}  // namespace vglaw::engine
