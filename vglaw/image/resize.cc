#include "vglaw/image/resize.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

// Pillow's fixed point for 8-bit channels: 32 bits less 8 for the value and 2 for sign and overshoot.
constexpr int kPrecisionBits = 22;
constexpr std::int32_t kHalf = 1 << (kPrecisionBits - 1);

/// For each output position: the first input it reads, how many, and their weights (row-major, `stride` apart).
struct Taps {
    int stride = 0;
    std::vector<int> first, count;
    std::vector<std::int32_t> weights;
    [[nodiscard]] const std::int32_t* weights_of(int i) const {
        return weights.data() + std::size_t(i) * std::size_t(stride);
    }
};

/// The order of the floating-point operations is Pillow's: another order changes a weight's last bit now and then.
Taps triangle_taps(int input_size, int output_size) {
    const double scale = double(input_size) / double(output_size);
    const double support = std::max(scale, 1.0);  // the filter widens when reducing: that is the antialiasing
    const double inverse_support = 1.0 / support;
    Taps taps;
    taps.stride = int(std::ceil(support)) * 2 + 1;
    taps.first.resize(std::size_t(output_size));
    taps.count.resize(std::size_t(output_size));
    taps.weights.assign(std::size_t(output_size) * std::size_t(taps.stride), 0);
    std::vector<double> exact(std::size_t(taps.stride));
    for (int i = 0; i < output_size; ++i) {
        const double centre = (i + 0.5) * scale;
        const int first = std::max(int(centre - support + 0.5), 0);
        int count = std::min(int(centre + support + 0.5), input_size) - first;
        double sum = 0;
        for (int k = 0; k < count; ++k) {
            const double distance = std::abs((k + first - centre + 0.5) * inverse_support);
            exact[std::size_t(k)] = distance < 1.0 ? 1.0 - distance : 0.0;
            sum += exact[std::size_t(k)];
        }
        std::int32_t* weights = taps.weights.data() + std::size_t(i) * std::size_t(taps.stride);
        for (int k = 0; k < count; ++k) {
            const double weight = sum != 0 ? exact[std::size_t(k)] / sum : exact[std::size_t(k)];
            weights[k] = std::int32_t(0.5 + weight * (1 << kPrecisionBits));
        }
        while (count > 1 && weights[count - 1] == 0) --count;
        taps.first[std::size_t(i)] = first;
        taps.count[std::size_t(i)] = count;
    }
    return taps;
}

/// Weights are not negative, so a rounded sum can leave [0, 255] only at the upper end.
inline std::uint8_t to_byte(std::int32_t sum) { return std::uint8_t(std::min(sum >> kPrecisionBits, 255)); }

Image resize_rows(const Image& image, int width) {
    const Taps taps = triangle_taps(image.width, width);
    Image out(width, image.height);
    for (int y = 0; y < image.height; ++y) {
        const std::uint8_t* source = image.pixel(y, 0);
        std::uint8_t* target = out.pixel(y, 0);
        for (int x = 0; x < width; ++x, target += 3) {
            const std::uint8_t* pixel = source + std::size_t(taps.first[std::size_t(x)]) * 3;
            const std::int32_t* weights = taps.weights_of(x);
            const int count = taps.count[std::size_t(x)];
            std::int32_t red = kHalf, green = kHalf, blue = kHalf;
            for (int k = 0; k < count; ++k, pixel += 3) {
                red += pixel[0] * weights[k];
                green += pixel[1] * weights[k];
                blue += pixel[2] * weights[k];
            }
            target[0] = to_byte(red);
            target[1] = to_byte(green);
            target[2] = to_byte(blue);
        }
    }
    return out;
}

Image resize_columns(const Image& image, int height) {
    const Taps taps = triangle_taps(image.height, height);
    Image out(image.width, height);
    const std::size_t row_bytes = std::size_t(image.width) * 3;
    std::vector<std::int32_t> sums(row_bytes);
    for (int y = 0; y < height; ++y) {
        const std::int32_t* weights = taps.weights_of(y);
        std::int32_t* sum = sums.data();
        std::fill(sums.begin(), sums.end(), kHalf);
        for (int k = 0; k < taps.count[std::size_t(y)]; ++k) {
            const std::uint8_t* source = image.pixel(taps.first[std::size_t(y)] + k, 0);
            const std::int32_t weight = weights[k];
            for (std::size_t i = 0; i < row_bytes; ++i) sum[i] += source[i] * weight;
        }
        std::uint8_t* target = out.pixel(y, 0);
        for (std::size_t i = 0; i < row_bytes; ++i) target[i] = to_byte(sum[i]);
    }
    return out;
}

void check_sizes(int from_width, int from_height, int width, int height) {
    if (from_width < 1 || from_height < 1 || width < 1 || height < 1) {
        fail(ErrorCode::invalid_argument, "cannot resize {} x {} to {} x {}: every side must be at least 1", from_width,
             from_height, width, height);
    }
}

}  // namespace

Image resize_bilinear(const Image& image, int width, int height) {
    check_sizes(image.width, image.height, width, height);
    // Horizontal first, rounded to 8 bits between, as Pillow does; a pass that changes nothing is skipped.
    if (width == image.width) return height == image.height ? image : resize_columns(image, height);
    Image rows = resize_rows(image, width);
    return height == image.height ? rows : resize_columns(rows, height);
}

Mask resize_nearest(const Mask& mask, int width, int height) {
    check_sizes(mask.width, mask.height, width, height);
    // floor((i + 0.5) * from / to) in integers: no rounding to argue about.
    const auto source = [](int i, int from, int to) {
        return std::size_t((2 * std::int64_t(i) + 1) * from / (2 * std::int64_t(to)));
    };
    std::vector<std::size_t> columns(static_cast<std::size_t>(width));
    for (int x = 0; x < width; ++x) columns[std::size_t(x)] = source(x, mask.width, width);
    Mask out(height, width);
    std::uint8_t* target = out.pixels.data();
    for (int y = 0; y < height; ++y) {
        const std::uint8_t* row = mask.pixels.data() + source(y, mask.height, height) * std::size_t(mask.width);
        for (const std::size_t column : columns) *target++ = row[column];
    }
    return out;
}

}  // namespace vglaw
