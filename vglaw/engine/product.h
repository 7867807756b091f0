// The engine's matrix products: oneDNN with weights packed once.
//
//     const PackedLinear layer = pack_linear(weight, bias, in, out);
//     Product product(layer, rows, x, y, {.gelu = true});
//     product.run();                       // y <- gelu(x W^T + b), as often as wanted
#pragma once

#include <cstddef>
#include <memory>

#include "vglaw/engine/floats.h"

namespace vglaw::engine {

/// A linear layer's weights in the order the products want. Copies share them; read-only, so safe to share by threads.
class PackedLinear {
public:
    PackedLinear() = default;
    [[nodiscard]] int in() const { return in_; }
    [[nodiscard]] int out() const { return out_; }
    [[nodiscard]] std::size_t bytes() const;
    /// (out); null when there is none.
    [[nodiscard]] const float* bias() const;

private:
    struct Packed;
    friend class Product;
    friend PackedLinear pack_linear(const float* weight, const float* bias, int in, int out);

    int in_ = 0, out_ = 0;
    std::shared_ptr<const Packed> packed_;
};

/// weight: (out, in), row-major; bias: (out) or null. Both are copied. Throws internal when oneDNN refuses.
[[nodiscard]] PackedLinear pack_linear(const float* weight, const float* bias, int in, int out);

/// What happens to x W^T + b before it is stored.
struct Epilogue {
    bool gelu = false;  ///< exact (erf)
    bool add = false;   ///< y <- y + ..., the residual
};

/// One product with fixed operands, planned once.
class Product {
public:
    Product() = default;
    /// x: (rows, in), y: (rows, out), contiguous: oneDNN 2.6 falls back to its reference code otherwise. Both must stay
    /// where they are. Uses the calling thread's OpenMP thread count, here and in run(). Throws internal when oneDNN
    /// refuses.
    Product(const PackedLinear& layer, int rows, const float* x, float* y, Epilogue epilogue);
    void run() const;
    [[nodiscard]] bool planned() const { return planned_ != nullptr; }
    /// 2 rows in out
    [[nodiscard]] double operations() const { return operations_; }

private:
    struct Planned;
    std::shared_ptr<Planned> planned_;
    double operations_ = 0;
};

/// "oneDNN 2.6.3", for reports.
[[nodiscard]] const char* products_by();

}  // namespace vglaw::engine
