#include "vglaw/data/augment.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/data/side_words.h"

namespace vglaw {

namespace {

void check_probability(double value, const char* name) {
    if (!(value >= 0 && value <= 1))
        fail(ErrorCode::invalid_argument, "augmentation {} {} is outside 0 to 1", name, value);
}

void check_share(double value, const char* name) {
    if (!(value > 0 && value <= 1)) {
        fail(ErrorCode::invalid_argument, "augmentation {} {} is not above 0 and at most 1", name, value);
    }
}

// One axis of random_crop: a start and a length that cover [low, high] as far as the picture does.
std::pair<int, int> random_span(double low, double high, int length, double min_share, Rng& rng) {
    const int first = int(std::clamp(std::floor(low), 0.0, double(length - 1)));
    const int last = int(std::clamp(std::ceil(high), double(first + 1), double(length)));
    const int shortest = std::max({last - first, int(std::ceil(min_share * length)), 1});
    const int kept = rng.uniform_int(std::min(shortest, length), length);
    const int start = rng.uniform_int(std::max(0, last - kept), std::min(first, length - kept));
    return {start, kept};
}

BoxXyxy hull(const BoxXyxy& a, const BoxXyxy& b) {
    return {std::min(a.x0, b.x0), std::min(a.y0, b.y0), std::max(a.x1, b.x1), std::max(a.y1, b.y1)};
}

BoxXyxy mirrored(const BoxXyxy& box, float width) { return {width - box.x1, box.y0, width - box.x0, box.y1}; }

void mirror(Mask& mask) {
    for (int y = 0; y < mask.height; ++y) {
        auto* row = mask.pixels.data() + std::size_t(y) * std::size_t(mask.width);
        std::reverse(row, row + mask.width);
    }
}

Mask part_of(const Mask& mask, const CropWindow& window) {
    if (mask.empty()) return mask;
    Mask part(window.height, window.width);
    for (int y = 0; y < window.height; ++y) {
        for (int x = 0; x < window.width; ++x) part.at(y, x) = mask.at(window.y + y, window.x + x);
    }
    return part;
}

BoxXyxy part_of(const BoxXyxy& box, const CropWindow& window) {
    const auto left = float(window.x), top = float(window.y);
    return clip({box.x0 - left, box.y0 - top, box.x1 - left, box.y1 - top}, float(window.width), float(window.height));
}

}  // namespace

Augmentation::Augmentation(const AugmentOptions& options) : options_(options) {
    check_probability(options.flip, "flip");
    check_probability(options.crop, "crop");
    check_probability(options.scale, "scale");
    check_share(options.crop_min_side, "crop_min_side");
    check_share(options.scale_min, "scale_min");
}

void Augmentation::apply(Example& example, Rng& rng) const {
    // Every number is drawn whether it is used or not: one expression's words do not shift what the rest draws.
    const bool flip = rng.chance(options_.flip), cut = rng.chance(options_.crop);
    BoxXyxy kept = example.box_px;
    for (const Target& target : example.more) kept = hull(kept, target.box_px);
    const CropWindow window = random_crop(kept, example.image.width, example.image.height, options_.crop_min_side, rng);
    if (cut && !names_a_side(example.expression)) crop(example, window);
    if (flip && can_flip(example.expression)) flip_horizontally(example);
}

Letterbox Augmentation::place(const Example& example, int size, Rng& rng) const {
    Letterbox placement = Letterbox::centred(example.image.width, example.image.height, size);
    const bool shrink = rng.chance(options_.scale);
    const double scale = rng.uniform(options_.scale_min, 1.0), offset_x = rng.uniform(), offset_y = rng.uniform();
    if (shrink && !names_a_side(example.expression)) {
        // Rounding half up, at least one pixel, as Letterbox does: the box maps through the rounded size exactly.
        const auto scaled = [&](int length) { return std::max(1, int(std::floor(length * scale + 0.5))); };
        placement.resized_width = scaled(placement.resized_width);
        placement.resized_height = scaled(placement.resized_height);
    }
    const int slack_x = size - placement.resized_width, slack_y = size - placement.resized_height;
    placement.left = options_.random_offset ? int(offset_x * (slack_x + 1)) : slack_x / 2;
    placement.top = options_.random_offset ? int(offset_y * (slack_y + 1)) : slack_y / 2;
    return placement;
}

void flip_horizontally(Example& example) {
    Image& image = example.image;
    for (int y = 0; y < image.height; ++y) {
        for (int left = 0, right = image.width - 1; left < right; ++left, --right) {
            std::swap_ranges(image.pixel(y, left), image.pixel(y, left) + 3, image.pixel(y, right));
        }
    }
    mirror(example.mask);
    LabelMap& labels = example.labels;
    for (int y = 0; y < labels.height; ++y) {
        auto* row = labels.owner.data() + std::size_t(y) * std::size_t(labels.width);
        std::reverse(row, row + labels.width);
    }
    const auto width = float(image.width);
    example.box_px = mirrored(example.box_px, width);
    for (Target& target : example.more) {
        mirror(target.mask);
        target.box_px = mirrored(target.box_px, width);
    }
    example.expression = swap_sides(example.expression);
}

void crop(Example& example, const CropWindow& window) {
    const Image& image = example.image;
    if (window.x < 0 || window.y < 0 || window.width < 1 || window.height < 1 ||
        window.width > image.width - window.x || window.height > image.height - window.y) {
        fail(ErrorCode::invalid_argument, "crop {}x{} at {}, {} is not inside a picture of {}x{}", window.width,
             window.height, window.x, window.y, image.width, image.height);
    }
    Image part(window.width, window.height);
    for (int y = 0; y < window.height; ++y) {
        std::copy_n(image.pixel(window.y + y, window.x), std::size_t(window.width) * 3, part.pixel(y, 0));
    }
    example.image = std::move(part);
    example.mask = part_of(example.mask, window);
    if (!example.labels.empty()) {
        LabelMap& labels = example.labels;
        std::vector<std::uint8_t> owner;
        owner.reserve(std::size_t(window.width) * std::size_t(window.height));
        for (int y = 0; y < window.height; ++y) {
            for (int x = 0; x < window.width; ++x) owner.push_back(labels.at(window.y + y, window.x + x));
        }
        labels.owner = std::move(owner);
        labels.width = window.width;
        labels.height = window.height;
    }
    example.box_px = part_of(example.box_px, window);
    for (Target& target : example.more) target = {part_of(target.box_px, window), part_of(target.mask, window)};
}

CropWindow random_crop(const BoxXyxy& box_px, int width, int height, double min_side, Rng& rng) {
    const auto [x, kept_width] = random_span(box_px.x0, box_px.x1, width, min_side, rng);
    const auto [y, kept_height] = random_span(box_px.y0, box_px.y1, height, min_side, rng);
    return {x, y, kept_width, kept_height};
}

}  // namespace vglaw
