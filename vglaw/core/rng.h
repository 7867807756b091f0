// Random numbers that are the same on every machine: no std:: distribution (their results differ between libraries).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace vglaw {

/// One step of splitmix64 (Steele, Lea, Flood 2014): a good 64-bit mix, used to derive independent seeds.
[[nodiscard]] constexpr std::uint64_t mix_seed(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15ULL;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

/// An independent seed for item `index` of the stream `seed`, so that item i needs no item before it.
[[nodiscard]] constexpr std::uint64_t derive_seed(std::uint64_t seed, std::uint64_t index) {
    return mix_seed(mix_seed(seed) ^ mix_seed(index * 0xd1342543de82ef95ULL + 1));
}

/// xoshiro256** (Blackman, Vigna 2018), seeded by splitmix64. Copyable state; not thread-safe, one a thread.
class Rng {
public:
    explicit Rng(std::uint64_t seed);

    std::uint64_t next();
    /// Uniform in [0, 1), 53 bits.
    double uniform();
    /// Uniform in [low, high).
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    /// Uniform integer in [low, high], both ends included; low <= high.
    int uniform_int(int low, int high);
    /// True with probability p in [0, 1].
    bool chance(double p) { return uniform() < p; }
    /// A uniformly chosen element of a non-empty container with size() and operator[].
    template <typename Container>
    decltype(auto) pick(const Container& items) {
        return items[static_cast<std::size_t>(uniform_int(0, static_cast<int>(items.size()) - 1))];
    }
    /// Fisher-Yates, in place.
    template <typename Container>
    void shuffle(Container& items) {
        for (std::size_t i = items.size(); i > 1; --i) {
            using std::swap;
            swap(items[i - 1], items[static_cast<std::size_t>(uniform_int(0, static_cast<int>(i) - 1))]);
        }
    }

    /// The whole state, so that a checkpoint can restore a stream exactly.
    [[nodiscard]] std::array<std::uint64_t, 4> state() const { return state_; }
    void set_state(const std::array<std::uint64_t, 4>& state) { state_ = state; }

private:
    std::array<std::uint64_t, 4> state_;
};

}  // namespace vglaw
