// COCO's run-length encoding. Sizes and counts come from untrusted files: everything is bounded by height * width.
#include <algorithm>
#include <limits>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/geometry/mask_size.h"
#include "vglaw/geometry/masks.h"

namespace vglaw {
namespace {

/// Appends runs of alternating value, the first one zero, merging neighbours: what comes out is canonical.
class RunWriter {
public:
    void add(bool value, std::uint32_t length) {
        if (length == 0) return;
        if (value != value_) {
            counts_.push_back(current_);
            current_ = 0;
            value_ = value;
        }
        current_ += length;
    }
    std::vector<std::uint32_t> finish() {
        counts_.push_back(current_);
        return std::move(counts_);
    }

private:
    std::vector<std::uint32_t> counts_;
    std::uint32_t current_ = 0;
    bool value_ = false;
};

void check(const Rle& rle) {
    const std::size_t pixels = checked_pixels(rle.height, rle.width);
    std::size_t sum = 0;  // at most 2^32 per count: no overflow below 2^32 counts, more cannot be held in memory
    for (const std::uint32_t count : rle.counts) sum += count;
    if (sum != pixels) {
        fail(ErrorCode::corrupt_data, "the runs of an RLE mask add up to {} pixels, its size {}x{} needs {}", sum,
             rle.height, rle.width, pixels);
    }
}

/// Union of two checked masks, by walking both lists of runs.
Rle united(const Rle& a, const Rle& b) {
    RunWriter runs;
    std::size_t i = 0, j = 0;
    std::uint32_t left_a = a.counts.empty() ? 0 : a.counts[0], left_b = b.counts.empty() ? 0 : b.counts[0];
    while (true) {
        while (left_a == 0 && i + 1 < a.counts.size()) left_a = a.counts[++i];
        while (left_b == 0 && j + 1 < b.counts.size()) left_b = b.counts[++j];
        const std::uint32_t step = std::min(left_a, left_b);
        if (step == 0) break;  // both sums are the same, so both end here
        runs.add(i % 2 == 1 || j % 2 == 1, step);
        left_a -= step;
        left_b -= step;
    }
    return {a.height, a.width, runs.finish()};
}

}  // namespace

std::size_t checked_pixels(int height, int width) {
    if (height < 0 || width < 0) {
        fail(ErrorCode::invalid_argument, "a mask cannot be {}x{} pixels", height, width);
    }
    const std::size_t pixels = std::size_t(height) * std::size_t(width);
    if (pixels > kMaxMaskPixels) {
        fail(ErrorCode::unsupported, "a mask of {}x{} pixels is larger than the {} pixels handled here", height, width,
             kMaxMaskPixels);
    }
    return pixels;
}

Rle encode(const Mask& mask) {
    if (mask.pixels.size() != checked_pixels(mask.height, mask.width)) {
        fail(ErrorCode::invalid_argument, "a mask of {}x{} holds {} pixels", mask.height, mask.width,
             mask.pixels.size());
    }
    RunWriter runs;
    for (int x = 0; x < mask.width; ++x) {
        for (int y = 0; y < mask.height; ++y) runs.add(mask.at(y, x) != 0, 1);
    }
    return {mask.height, mask.width, runs.finish()};
}

Mask decode(const Rle& rle) {
    check(rle);
    Mask mask(rle.height, rle.width);
    const std::size_t height = std::size_t(rle.height), width = std::size_t(rle.width);
    std::size_t position = 0;  // in the column-major scan
    for (std::size_t i = 0; i < rle.counts.size(); ++i) {
        const std::size_t end = position + rle.counts[i];
        if (i % 2 == 1 && position < end) {
            std::size_t x = position / height, y = position % height;
            for (; position < end; ++position) {
                mask.pixels[y * width + x] = 1;
                if (++y == height) {
                    y = 0;
                    ++x;
                }
            }
        }
        position = end;
    }
    return mask;
}

std::string to_coco_string(const Rle& rle) {
    std::string text;
    for (std::size_t i = 0; i < rle.counts.size(); ++i) {
        // From the fourth run on, the difference to the run before last is stored: it is small for smooth outlines.
        std::int64_t value = rle.counts[i];
        if (i > 2) value -= std::int64_t(rle.counts[i - 2]);
        bool more = true;
        while (more) {
            int group = int(value & 0x1f);
            value >>= 5;
            more = (group & 0x10) != 0 ? value != -1 : value != 0;
            if (more) group |= 0x20;
            text += char(48 + group);
        }
    }
    return text;
}

Rle from_coco_string(std::string_view counts, int height, int width) {
    const std::size_t pixels = checked_pixels(height, width);
    Rle rle{height, width, {}};
    std::size_t sum = 0, at = 0;
    while (at < counts.size()) {
        std::int64_t value = 0;
        bool more = true;
        for (int shift = 0; more; shift += 5) {
            if (at == counts.size()) fail(ErrorCode::corrupt_data, "an RLE string ends inside a number");
            // 7 groups hold 35 bits, more than any difference of two 32-bit counts.
            if (shift > 30)
                fail(ErrorCode::corrupt_data, "an RLE string holds a number of more than 35 bits at {}", at);
            const int group = static_cast<unsigned char>(counts[at]) - 48;
            if (group < 0 || group > 63) {
                fail(ErrorCode::corrupt_data, "an RLE string holds the byte {:#04x} at {}, which is no RLE character",
                     static_cast<unsigned char>(counts[at]), at);
            }
            ++at;
            more = (group & 0x20) != 0;
            value |= std::int64_t(group & 0x1f) << shift;
            if (!more && (group & 0x10) != 0) value -= std::int64_t{1} << (shift + 5);
        }
        if (rle.counts.size() > 2) value += std::int64_t(rle.counts[rle.counts.size() - 2]);
        if (value < 0) fail(ErrorCode::corrupt_data, "an RLE string holds a run of {} pixels", value);
        sum += std::size_t(value);
        if (sum > pixels) {
            fail(ErrorCode::corrupt_data, "the runs of an RLE string add up to more than its size {}x{}", height,
                 width);
        }
        rle.counts.push_back(std::uint32_t(value));
    }
    if (sum != pixels) {
        fail(ErrorCode::corrupt_data, "the runs of an RLE string add up to {} pixels, its size {}x{} needs {}", sum,
             height, width, pixels);
    }
    return rle;
}

Rle merge(std::span<const Rle> masks) {
    if (masks.empty()) fail(ErrorCode::invalid_argument, "no masks to merge");
    check(masks[0]);
    Rle result = masks[0];
    for (const Rle& mask : masks.subspan(1)) {
        if (mask.height != result.height || mask.width != result.width) {
            fail(ErrorCode::invalid_argument, "masks of {}x{} and {}x{} pixels cannot be merged", result.height,
                 result.width, mask.height, mask.width);
        }
        check(mask);
        result = united(result, mask);
    }
    return result;
}

std::size_t area(const Rle& rle) {
    std::size_t ones = 0;
    for (std::size_t i = 1; i < rle.counts.size(); i += 2) ones += rle.counts[i];
    return ones;
}

}  // namespace vglaw
