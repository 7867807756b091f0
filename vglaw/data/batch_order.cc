#include "vglaw/data/batch_order.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "vglaw/core/error.h"
#include "vglaw/core/rng.h"

namespace vglaw {

namespace {

// Two streams of one seed, so that the order and the augmentation share no numbers.
constexpr std::uint64_t kOrderStream = 1, kSampleStream = 2;

}  // namespace

BatchOrder::BatchOrder(std::size_t size, const Options& options) : options_(options) {
    if (size > std::size_t(std::numeric_limits<std::int32_t>::max())) {
        fail(ErrorCode::unsupported, "a data set of {} examples is too big for the loader", size);
    }
    const std::size_t step = options.world * options.batch_size;
    batches_ = size / step;
    const std::size_t rest = size % step;
    if (!options.drop_last && rest > options.rank * options.batch_size) ++batches_;
    order_.resize(size);
    open(0);
}

void BatchOrder::open(std::size_t epoch) {
    epoch_ = epoch;
    std::iota(order_.begin(), order_.end(), std::uint32_t{0});
    if (options_.shuffle) {
        Rng rng(derive_seed(derive_seed(options_.seed, kOrderStream), epoch));
        rng.shuffle(order_);
    }
}

std::span<const std::uint32_t> BatchOrder::batch(std::size_t k) const {
    const std::size_t begin = begin_of(k);
    return std::span(order_).subspan(begin, std::min(options_.batch_size, order_.size() - begin));
}

std::uint64_t BatchOrder::sample_seed(std::size_t k, std::size_t row) const {
    return derive_seed(derive_seed(derive_seed(options_.seed, kSampleStream), epoch_), begin_of(k) + row);
}

}  // namespace vglaw
