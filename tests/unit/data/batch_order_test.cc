#include "vglaw/data/batch_order.h"

#include <gtest/gtest.h>

#include <set>

namespace vglaw {
namespace {

std::vector<std::uint32_t> all(const BatchOrder& order) {
    std::vector<std::uint32_t> result;
    for (std::size_t k = 0; k < order.batches(); ++k) {
        result.insert(result.end(), order.batch(k).begin(), order.batch(k).end());
    }
    return result;
}

TEST(BatchOrder, VisitsEveryExampleOnce) {
    BatchOrder order(23, {.batch_size = 4, .shuffle = true, .seed = 1});
    EXPECT_EQ(order.batches(), 6U);
    order.open(3);
    const auto visited = all(order);
    EXPECT_EQ(visited.size(), 23U);
    EXPECT_EQ(std::set(visited.begin(), visited.end()).size(), 23U);
}

TEST(BatchOrder, IsInSequenceWithoutShuffle) {
    const BatchOrder order(5, {.batch_size = 2});
    EXPECT_EQ(all(order), (std::vector<std::uint32_t>{0, 1, 2, 3, 4}));
}

TEST(BatchOrder, DependsOnEpochAndSeedOnly) {
    BatchOrder a(40, {.batch_size = 4, .shuffle = true, .seed = 1}),
        b(40, {.batch_size = 4, .shuffle = true, .seed = 1});
    BatchOrder other(40, {.batch_size = 4, .shuffle = true, .seed = 2});
    EXPECT_NE(all(a), all(other));
    const auto first = all(a);
    a.open(1);
    a.open(2);
    b.open(2);
    EXPECT_EQ(all(a), all(b));
    EXPECT_NE(all(a), first);
    EXPECT_EQ(a.sample_seed(1, 2), b.sample_seed(1, 2));
    EXPECT_NE(a.sample_seed(1, 2), a.sample_seed(1, 3));
    b.open(0);
    EXPECT_NE(a.sample_seed(1, 2), b.sample_seed(1, 2));
}

TEST(BatchOrder, DropsTheLastBatchWhenAsked) {
    EXPECT_EQ(BatchOrder(23, {.batch_size = 4, .drop_last = true}).batches(), 5U);
    EXPECT_EQ(BatchOrder(3, {.batch_size = 4, .drop_last = true}).batches(), 0U);
    EXPECT_EQ(BatchOrder(0, {.batch_size = 4}).batches(), 0U);
}

TEST(BatchOrder, SharesTheEpochAmongRanksWithoutOverlap) {
    for (const std::size_t size : {16U, 17U, 19U, 21U}) {
        std::multiset<std::uint32_t> visited;
        for (std::size_t rank = 0; rank < 2; ++rank) {
            const auto part =
                all(BatchOrder(size, {.batch_size = 4, .shuffle = true, .seed = 5, .rank = rank, .world = 2}));
            visited.insert(part.begin(), part.end());
        }
        EXPECT_EQ(visited.size(), size);
        EXPECT_EQ(std::set(visited.begin(), visited.end()).size(), size);
    }
    const BatchOrder::Options even{.batch_size = 4, .drop_last = true, .rank = 1, .world = 2};
    EXPECT_EQ(BatchOrder(23, even).batches(), 2U);
}

}  // namespace
}  // namespace vglaw
