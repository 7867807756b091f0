#include "vglaw/core/rng.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <vector>

namespace vglaw {
namespace {

TEST(Rng, MatchesThePublishedGenerators) {
    // xoshiro256** from the state 1, 2, 3, 4 and splitmix64 from 0: the numbers other implementations test against.
    Rng rng(0);
    rng.set_state({1, 2, 3, 4});
    for (const std::uint64_t expected : {std::uint64_t{11520}, std::uint64_t{0}, std::uint64_t{1509978240},
                                         std::uint64_t{1215971899390074240}, std::uint64_t{1216172134540287360}}) {
        EXPECT_EQ(rng.next(), expected);
    }
    EXPECT_EQ(mix_seed(0), 0xe220a8397b1dcdafULL);
}

TEST(Rng, GivesTheSameNumbersForever) {
    // Written down from a second implementation: scenes and first weights of released models depend on them.
    Rng rng(42);
    EXPECT_EQ(rng.next(), 0x5c8961e1f2055d33ULL);
    EXPECT_EQ(rng.next(), 0xe182e8e848466886ULL);
    EXPECT_EQ(derive_seed(1, 1), 0x1936f4a266fab1eULL);
    EXPECT_EQ(derive_seed(2, 0), 0x45c35442d09f4cd3ULL);
}

TEST(Rng, RestoresItsState) {
    Rng rng(5);
    (void)rng.next();
    Rng other(6);
    other.set_state(rng.state());
    for (int i = 0; i < 10; ++i) EXPECT_EQ(other.next(), rng.next());
}

TEST(Rng, UniformStaysInItsHalfOpenRangeAndIsCentred) {
    Rng rng(1);
    double sum = 0, squares = 0;
    constexpr int n = 20000;
    for (int i = 0; i < n; ++i) {
        const double x = rng.uniform();
        ASSERT_GE(x, 0);
        ASSERT_LT(x, 1);
        sum += x;
        squares += x * x;
    }
    // Five standard errors: 5 sqrt(1/12 / n) = 0.0102, and 5 sqrt(4/45 / n) = 0.0105 for the second moment.
    EXPECT_NEAR(sum / n, 0.5, 0.0102);
    EXPECT_NEAR(squares / n, 1.0 / 3, 0.0105);
    // All 53 bits set is the largest value: still below 1.
    EXPECT_LT(double(std::numeric_limits<std::uint64_t>::max() >> 11) * 0x1.0p-53, 1.0);
}

TEST(Rng, UniformIntReachesBothEndsEquallyOftenAndNothingBeyond) {
    Rng rng(2);
    std::vector<int> seen(7, 0);
    constexpr int n = 14000;
    for (int i = 0; i < n; ++i) {
        const int x = rng.uniform_int(-3, 3);
        ASSERT_GE(x, -3);
        ASSERT_LE(x, 3);
        ++seen[std::size_t(x + 3)];
    }
    // Five standard deviations of a binomial: 5 sqrt(n 1/7 6/7) = 207.
    for (const int count : seen) EXPECT_NEAR(count, n / 7, 207);
    EXPECT_EQ(rng.uniform_int(4, 4), 4);
    const int low = std::numeric_limits<int>::min(), high = std::numeric_limits<int>::max();
    bool negative = false, positive = false;
    for (int i = 0; i < 64; ++i) (rng.uniform_int(low, high) < 0 ? negative : positive) = true;
    EXPECT_TRUE(negative && positive);  // the widest range does not overflow
}

TEST(Rng, ChanceKeepsItsEnds) {
    Rng rng(3);
    for (int i = 0; i < 1000; ++i) {
        ASSERT_FALSE(rng.chance(0));
        ASSERT_TRUE(rng.chance(1));
    }
}

TEST(Rng, ShuffleKeepsEveryItemAndReachesEveryPlace) {
    Rng rng(4);
    std::vector<std::set<int>> at(5);
    for (int i = 0; i < 200; ++i) {
        std::vector<int> items(5);
        std::iota(items.begin(), items.end(), 0);
        rng.shuffle(items);
        for (std::size_t k = 0; k < 5; ++k) at[k].insert(items[k]);
        EXPECT_THAT(items, testing::UnorderedElementsAre(0, 1, 2, 3, 4));
    }
    for (const auto& items : at) EXPECT_EQ(items.size(), 5u);
}

TEST(DeriveSeed, NeighbouringSeedsAndIndicesShareNothing) {
    std::set<std::uint64_t> seeds;
    for (std::uint64_t seed = 0; seed < 64; ++seed) {
        for (std::uint64_t index = 0; index < 64; ++index) seeds.insert(derive_seed(seed, index));
    }
    EXPECT_EQ(seeds.size(), 64u * 64u);  // no two of a grid, nor (seed, index) and (index, seed)
    // First numbers of neighbouring streams: their correlation is below five standard errors, 5 / sqrt(4000).
    double sum = 0;
    for (std::uint64_t i = 0; i < 4000; ++i) {
        sum += 12 * (Rng(derive_seed(7, i)).uniform() - 0.5) * (Rng(derive_seed(7, i + 1)).uniform() - 0.5);
    }
    EXPECT_LT(std::abs(sum / 4000), 5 / std::sqrt(4000.0));
}

}  // namespace
}  // namespace vglaw
