// COCO's polygon rasterisation (formats.md 1.4), visiting only the samples that can reach the image.
//
// The scheme: vertices are rounded to a grid five times finer than the pixels; each edge is sampled at every grid step
// of its longer axis; wherever the sampled x passes the middle of a pixel column, the outline crosses that column at
// the sample with the smaller y, rounded up to a pixel. Crossings in column-major order, differenced, are the runs. A
// run is thus found column by column, so an edge costs at most `width` steps however far outside the image it reaches.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "vglaw/core/error.h"
#include "vglaw/geometry/mask_size.h"
#include "vglaw/geometry/masks.h"

namespace vglaw {
namespace {

constexpr std::int64_t kScale = 5;

/// Farther vertices are moved here. The reference keeps them in 32-bit integers, which overflow from 2^31 / 5 pixels on
/// (and need a sample in memory for every fifth of a pixel), so it has no result to agree with there.
constexpr double kFarthest = double(1 << 30);

struct GridPoint {
    std::int64_t x = 0, y = 0;
};

std::int64_t to_grid(double coordinate) {
    if (!std::isfinite(coordinate)) fail(ErrorCode::invalid_argument, "a polygon has a coordinate that is not finite");
    // The cast truncates toward zero, as the reference's does, also for negative numbers.
    return std::int64_t(std::clamp(double(kScale) * coordinate + 0.5, -kFarthest, kFarthest));
}

class Rasterizer {
public:
    Rasterizer(int height, int width) : height_(height), width_(width) {}

    void add_edge(GridPoint a, GridPoint b) {
        const std::int64_t dx = std::abs(b.x - a.x), dy = std::abs(b.y - a.y);
        if (dx >= dy ? a.x > b.x : a.y > b.y)
            std::swap(a, b);  // slope and origin belong to the end with the smaller coordinate
        if (dx == 0) return;  // never passes the middle of a column
        if (dx >= dy) {
            add_flat_edge(a, b, dx);
        } else {
            add_steep_edge(a, b, dy);
        }
    }

    Rle finish() {
        cancel_pairs();
        const std::uint32_t end = std::uint32_t(height_) * std::uint32_t(width_);
        std::vector<std::uint32_t> counts;
        std::uint32_t previous = 0;
        for (const std::uint32_t crossing : crossings_) {
            if (crossing == end) break;  // a run that would begin behind the last pixel
            counts.push_back(crossing - previous);
            previous = crossing;
        }
        counts.push_back(end - previous);
        return {height_, width_, std::move(counts)};
    }

private:
    /// Columns c whose middle step, from grid x = 5c + 2 to 5c + 3, lies within [low, high]: c in [first, last].
    void columns(std::int64_t low, std::int64_t high, std::int64_t& first, std::int64_t& last) const {
        first = low <= 2 ? 0 : (low - 2 + kScale - 1) / kScale;
        last = high < 3 ? -1 : std::min<std::int64_t>(width_ - 1, (high - 3) / kScale);
    }

    void add_flat_edge(GridPoint a, GridPoint b, std::int64_t dx) {
        const double slope = double(b.y - a.y) / double(dx);
        const auto y_at = [&](std::int64_t x) { return std::int64_t(double(a.y) + slope * double(x - a.x) + 0.5); };
        std::int64_t first, last;
        columns(a.x, b.x, first, last);
        for (std::int64_t column = first; column <= last; ++column) {
            const std::int64_t x = kScale * column + 2;
            add_crossing(column, std::min(y_at(x), y_at(x + 1)));
        }
    }

    void add_steep_edge(GridPoint a, GridPoint b, std::int64_t dy) {
        const double slope = double(b.x - a.x) / double(dy);
        const auto x_at = [&](std::int64_t step) { return std::int64_t(double(a.x) + slope * double(step) + 0.5); };
        std::int64_t first, last;
        columns(std::min(a.x, b.x), std::max(a.x, b.x), first, last);
        const bool rising = b.x > a.x;
        std::int64_t from = 0;  // going along the edge, each crossing lies beyond the one before
        for (std::int64_t i = 0; i <= last - first; ++i) {
            const std::int64_t column = rising ? first + i : last - i;
            const std::int64_t x = kScale * column + 2;
            // The first step on the far side of the column's middle. x_at is monotone, and at `dy` it has arrived at
            // b.x.
            std::int64_t low = from, high = dy;
            while (low < high) {
                const std::int64_t middle = low + (high - low) / 2;
                if (rising ? x_at(middle) > x : x_at(middle) <= x) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            add_crossing(column, a.y + low - 1);
            from = low;
        }
    }

    void add_crossing(std::int64_t column, std::int64_t y_grid) {
        const double y = std::clamp((double(y_grid) + 0.5) / double(kScale) - 0.5, 0.0, double(height_));
        crossings_.push_back(std::uint32_t(column * height_ + std::int64_t(std::ceil(y))));
        if (crossings_.size() >= limit_) {
            cancel_pairs();
            limit_ = std::max(limit_, 2 * crossings_.size());
        }
    }

    /// Two crossings at one place leave the same side of the outline: only the parity counts. Doing this along the way
    /// keeps a polygon of a million wild points within the memory of the image it draws on.
    void cancel_pairs() {
        std::ranges::sort(crossings_);
        std::size_t kept = 0;
        for (const std::uint32_t crossing : crossings_) {
            if (kept > 0 && crossings_[kept - 1] == crossing) {
                --kept;
            } else {
                crossings_[kept++] = crossing;
            }
        }
        crossings_.resize(kept);
    }

    std::size_t limit_ = std::size_t{1} << 22;
    int height_, width_;
    std::vector<std::uint32_t> crossings_;
};

}  // namespace

Rle rasterize(std::span<const double> polygon, int height, int width) {
    (void)checked_pixels(height, width);
    if (polygon.size() < 6 || polygon.size() % 2 != 0) {
        fail(ErrorCode::invalid_argument, "a polygon needs at least 3 points as x, y pairs, not {} numbers",
             polygon.size());
    }
    std::vector<GridPoint> points(polygon.size() / 2);
    for (std::size_t i = 0; i < points.size(); ++i) points[i] = {to_grid(polygon[2 * i]), to_grid(polygon[2 * i + 1])};
    Rasterizer rasterizer(height, width);
    for (std::size_t i = 0; i < points.size(); ++i) rasterizer.add_edge(points[i], points[(i + 1) % points.size()]);
    return rasterizer.finish();
}

}  // namespace vglaw
