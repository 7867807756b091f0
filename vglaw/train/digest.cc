#include "vglaw/train/digest.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

namespace vglaw::train {
namespace {

/// Multiplication carries a bit only upwards, so the upper half is folded down in between (the multipliers are
/// splitmix64's).
std::uint64_t mixed(std::uint64_t sum, std::uint64_t word) {
    std::uint64_t x = (sum ^ word) * 0xbf58476d1ce4e5b9ULL;
    x ^= x >> 31;
    x *= 0x94d049bb133111ebULL;
    return x ^ (x >> 29);
}

/// Four sums side by side: each waits for its own multiplication only.
std::uint64_t sum_of(std::span<const std::uint8_t> bytes, std::uint64_t seed) {
    std::array<std::uint64_t, 4> sums{seed, seed + 1, seed + 2, seed + 3};
    const std::size_t whole = bytes.size() / 32 * 32;
    for (std::size_t at = 0; at < whole; at += 32) {
        std::array<std::uint64_t, 4> words;
        std::memcpy(words.data(), bytes.data() + at, 32);
        for (std::size_t i = 0; i < 4; ++i) sums[i] = mixed(sums[i], words[i]);
    }
    std::uint64_t all = mixed(seed, bytes.size());
    for (std::size_t at = whole; at < bytes.size(); ++at) all = mixed(all, bytes[at]);
    for (const auto sum : sums) all = mixed(all, sum);
    return all;
}

}  // namespace

std::string digest_of(const std::map<std::string, TensorView>& tensors) {
    std::uint64_t all = 0;
    for (const auto& [name, view] : tensors) {
        all = sum_of({reinterpret_cast<const std::uint8_t*>(name.data()), name.size()}, all);
        all = sum_of(view.bytes, all);
    }
    return fmt::format("{:016x}", all);
}

}  // namespace vglaw::train
