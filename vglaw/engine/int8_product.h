// The products of the visual encoder's blocks in int8: a scale for each output, one for each row of activations.
//
//     const auto layer = pack_int8(weight, scales, bias, in, out);
//     multiply(layer, {.rows = rows, .x = codes, .y = y, .gelu = true}, threads);  // y <- gelu(x W^T + b)
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "vglaw/engine/int8_kernel.h"

namespace vglaw::engine {

struct Int8Operands;

/// A linear layer's int8 weights as panels. Copies share them; read-only, so safe to share by threads.
class Int8Linear {
public:
    Int8Linear() = default;
    [[nodiscard]] int in() const { return in_; }                ///< inputs that come as bytes
    [[nodiscard]] int beside_in() const { return beside_in_; }  ///< inputs that come as floats
    [[nodiscard]] int out() const { return out_; }
    [[nodiscard]] std::size_t bytes() const;
    [[nodiscard]] const float* bias() const;  ///< (out); zeros where none was given

private:
    struct Packed;
    friend Int8Linear pack_int8(const std::int8_t* weight, const float* scales, const float* bias, int in, int out,
                                const float* beside, int beside_in);
    friend void multiply(const Int8Linear& layer, const Int8Operands& operands, int threads);

    int in_ = 0, beside_in_ = 0, out_ = 0;
    std::shared_ptr<const Packed> packed_;
};

/// weight: (out, in) of int8, scales: (out), so that W = scales weight; bias: (out) or null. beside: (out, beside_in),
/// further columns of W that stay float, for inputs that stay float; null for none. All are copied.
[[nodiscard]] Int8Linear pack_int8(const std::int8_t* weight, const float* scales, const float* bias, int in, int out,
                                   const float* beside = nullptr, int beside_in = 0);

/// What a product reads and writes.
struct Int8Operands {
    std::size_t rows = 0;
    CodedRows x;                    ///< (rows, in), padded to a multiple of int8_depth
    const float* beside = nullptr;  ///< (rows, beside_stride)
    std::size_t beside_stride = 0;
    float* y = nullptr;  ///< (rows, out)
    bool gelu = false;   ///< y <- gelu(...), by erf
    bool add = false;    ///< y <- y + ..., the residual
};

/// y <- x W^T + b with its epilogue, on `threads` threads. The result does not depend on their number.
void multiply(const Int8Linear& layer, const Int8Operands& operands, int threads);

}  // namespace vglaw::engine
