// Which examples make up batch k of epoch e: a pure function, so that a run can be resumed anywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vglaw {

/// The order of one epoch, cut into batches for `world` processes. Each step takes the next world * batch_size examples
/// of the order all processes share; rank r gets the r-th batch_size of them.
class BatchOrder {
public:
    struct Options {
        std::size_t batch_size = 1;
        bool shuffle = false, drop_last = false;
        std::uint64_t seed = 0;
        std::size_t rank = 0, world = 1;
    };
    /// `size` examples; at most 2^31 - 1 when shuffled.
    BatchOrder(std::size_t size, const Options& options);

    /// Batches of this rank in any epoch.
    [[nodiscard]] std::size_t batches() const { return batches_; }
    /// Sets the epoch; epoch 0 is set at the start.
    void open(std::size_t epoch);
    /// Examples of batch k < batches() of the open epoch.
    [[nodiscard]] std::span<const std::uint32_t> batch(std::size_t k) const;
    /// Seed of the augmentation of row `row` of batch k: independent of the number of threads.
    [[nodiscard]] std::uint64_t sample_seed(std::size_t k, std::size_t row) const;

private:
    [[nodiscard]] std::size_t begin_of(std::size_t k) const {
        return (k * options_.world + options_.rank) * options_.batch_size;
    }

    Options options_;
    std::size_t batches_ = 0, epoch_ = 0;
    std::vector<std::uint32_t> order_;
};

}  // namespace vglaw
