#include "vglaw/evaluate/example_sheet.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <unordered_set>
#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/core/rng.h"
#include "vglaw/image/draw.h"

namespace vglaw {

std::vector<std::size_t> choose_examples(std::size_t size, std::size_t count, std::uint64_t seed) {
    count = std::min(count, size);
    // Floyd's way: as many draws as examples, however large the set is.
    std::unordered_set<std::size_t> chosen;
    Rng rng(seed);
    for (std::size_t last = size - count; last < size; ++last) {
        const auto drawn = std::size_t(rng.uniform() * double(last + 1));
        if (!chosen.insert(std::min(drawn, last)).second) chosen.insert(last);
    }
    std::vector<std::size_t> examples(chosen.begin(), chosen.end());
    std::ranges::sort(examples);
    return examples;
}

Image draw_example_sheet(const Dataset& data, const std::vector<std::size_t>& examples) {
    if (examples.empty()) fail(ErrorCode::invalid_argument, "a sheet needs at least one example of {}", data.name());
    std::vector<Tile> tiles;
    for (const std::size_t index : examples) {
        Example example = data.get(index);
        const DrawnGrounding drawn{example.expression, example.box_px, std::move(example.mask)};
        tiles.push_back({draw_grounding(example.image, std::span(&drawn, 1), Legend::none), example.expression});
    }
    const int columns = int(std::ceil(std::sqrt(double(tiles.size()))));
    return draw_contact_sheet(tiles, columns, 320);
}

}  // namespace vglaw
