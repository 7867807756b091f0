#include "vglaw/core/rng.h"

#include <bit>

namespace vglaw {

Rng::Rng(std::uint64_t seed) {
    for (auto& word : state_) {
        seed = mix_seed(seed);
        word = seed;
    }
}

std::uint64_t Rng::next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

double Rng::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

int Rng::uniform_int(int low, int high) {
    // Multiply-shift: the bias is below range / 2^32, nothing a picture or a shuffle could show, and it never loops.
    const auto range = static_cast<std::uint64_t>(static_cast<std::int64_t>(high) - low) + 1;
    // In 64 bits: of a range over half of all ints, the offset alone is more than an int holds.
    return static_cast<int>(low + static_cast<std::int64_t>(((next() >> 32) * range) >> 32));
}

}  // namespace vglaw
