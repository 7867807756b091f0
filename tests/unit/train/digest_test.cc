#include "vglaw/train/digest.h"

#include <gtest/gtest.h>

#include <set>

namespace vglaw::train {
namespace {

TensorView view_of(const std::vector<std::uint8_t>& bytes) {
    TensorView view;
    view.dtype = Dtype::u8;
    view.shape = {std::int64_t(bytes.size())};
    view.bytes = bytes;
    return view;
}

TEST(Digest, ChangesWithEveryBitOfEveryByte) {
    std::vector<std::uint8_t> bytes(75);  // two blocks of 32 and a rest
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = std::uint8_t(i * 7);
    std::set<std::string> seen{digest_of({{"a", view_of(bytes)}})};
    EXPECT_EQ(seen.begin()->size(), 16U);
    EXPECT_EQ(digest_of({{"a", view_of(bytes)}}), *seen.begin());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            bytes[i] = std::uint8_t(bytes[i] ^ (1 << bit));
            EXPECT_TRUE(seen.insert(digest_of({{"a", view_of(bytes)}})).second) << i << " " << bit;
            bytes[i] = std::uint8_t(bytes[i] ^ (1 << bit));
        }
    }
}

TEST(Digest, KnowsNamesLengthsAndWhichTensorBytesAreIn) {
    const std::vector<std::uint8_t> zeros(64, 0), longer(65, 0), ones(64, 1);
    EXPECT_NE(digest_of({{"a", view_of(zeros)}}), digest_of({{"a", view_of(longer)}}));
    EXPECT_NE(digest_of({{"a", view_of(zeros)}}), digest_of({{"b", view_of(zeros)}}));
    EXPECT_NE(digest_of({{"a", view_of(zeros)}, {"b", view_of(ones)}}),
              digest_of({{"a", view_of(ones)}, {"b", view_of(zeros)}}));
    // A block of zeros where the disk lost one: two tensors, only the second damaged.
    std::vector<std::uint8_t> lost = ones;
    std::fill(lost.begin() + 32, lost.end(), 0);
    EXPECT_NE(digest_of({{"a", view_of(zeros)}, {"b", view_of(ones)}}),
              digest_of({{"a", view_of(zeros)}, {"b", view_of(lost)}}));
}

}  // namespace
}  // namespace vglaw::train
