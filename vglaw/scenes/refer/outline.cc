#include "vglaw/scenes/refer/outline.h"

#include <algorithm>
#include <array>

namespace vglaw {
namespace {

/// Part of a mask: columns [x0, x1) of it count, all others are taken for empty.
struct Strip {
    const Mask* mask;
    int x0, x1;
    [[nodiscard]] bool has(int y, int x) const {
        return x >= x0 && x < x1 && y >= 0 && y < mask->height && mask->at(y, x) != 0;
    }
};

struct Loop {
    Polygon points;
    double twice_area = 0;  // positive for an outline, negative for a hole
    int x_first = 0, x_last = 0;
};

// Headings in clockwise order on the screen: east, south, west, north. The mask lies to the right of the edge.
constexpr std::array<int, 4> step_x = {1, 0, -1, 0}, step_y = {0, 1, 0, -1};

/// Whether an edge leaves the lattice point (x, y) in that direction.
bool edge_leaves(const Strip& strip, int y, int x, int heading) {
    switch (heading) {
        case 0:
            return strip.has(y, x) && !strip.has(y - 1, x);
        case 1:
            return strip.has(y, x - 1) && !strip.has(y, x);
        case 2:
            return strip.has(y - 1, x - 1) && !strip.has(y, x - 1);
        default:
            return strip.has(y - 1, x) && !strip.has(y - 1, x - 1);
    }
}

Loop follow(const Strip& strip, int y, int x, std::vector<std::uint8_t>& seen) {
    Loop loop;
    loop.x_first = loop.x_last = x;
    const int start_y = y, start_x = x;
    int heading = 0, before = -1;
    do {
        if (heading == 0) seen[std::size_t(y) * std::size_t(strip.mask->width) + std::size_t(x)] = 1;
        if (heading != before) {
            loop.points.push_back(x);
            loop.points.push_back(y);
        }
        const int next_x = x + step_x[std::size_t(heading)], next_y = y + step_y[std::size_t(heading)];
        loop.twice_area += double(x) * next_y - double(next_x) * y;
        x = next_x;
        y = next_y;
        loop.x_first = std::min(loop.x_first, x);
        loop.x_last = std::max(loop.x_last, x);
        before = heading;
        // Turning right first keeps to the same pixel where two touch by a corner only.
        for (const int turn : {1, 0, 3}) {
            const int candidate = (heading + turn) % 4;
            if (!edge_leaves(strip, y, x, candidate)) continue;
            heading = candidate;
            break;
        }
    } while (x != start_x || y != start_y || heading != 0);
    return loop;
}

void trace(const Strip& strip, std::vector<Polygon>& out) {
    const Mask& mask = *strip.mask;
    std::vector<std::uint8_t> seen(mask.pixels.size());
    std::vector<Loop> loops;
    for (int y = 0; y < mask.height; ++y) {
        for (int x = strip.x0; x < strip.x1; ++x) {
            const bool starts = edge_leaves(strip, y, x, 0);
            if (starts && seen[std::size_t(y) * std::size_t(mask.width) + std::size_t(x)] == 0) {
                loops.push_back(follow(strip, y, x, seen));
            }
        }
    }
    const auto hole = std::find_if(loops.begin(), loops.end(), [](const Loop& loop) { return loop.twice_area < 0; });
    if (hole != loops.end()) {
        // Through the hole, which the cut opens to both sides (or to the right, when it is one column wide).
        const int cut = (hole->x_first + hole->x_last) / 2;
        trace({&mask, strip.x0, cut}, out);
        trace({&mask, cut, strip.x1}, out);
        return;
    }
    for (Loop& loop : loops) out.push_back(std::move(loop.points));
}

}  // namespace

std::vector<Polygon> outline_polygons(const Mask& mask) {
    std::vector<Polygon> out;
    trace({&mask, 0, mask.width}, out);
    return out;
}

}  // namespace vglaw
