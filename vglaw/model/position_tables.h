// Position tables of other sizes than the network's: absolute grids resized, relative tables cropped or interpolated
// (formats.md 4.3).
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace vglaw {

/// Bicubic, align_corners false, no antialiasing, as PyTorch's interpolate and detectron2 do: (side, side, width) ->
/// (target, target, width), row-major. Throws invalid_argument when a size is below 1 or does not fit the values.
[[nodiscard]] std::vector<float> resize_position_grid(std::span<const float> grid, int side, int target, int width);

/// How a table of 2 m - 1 relative positions serves n tokens a side.
enum class RelativePositions {
    crop,         ///< the middle 2 n - 1 rows: a distance in tokens keeps its row (what VG-LAW's authors do)
    interpolate,  ///< linear along the distances: the whole range is squeezed or stretched (what detectron2 does)
};
[[nodiscard]] std::string_view name_of(RelativePositions how);

/// (rows, width) -> (target, width). Throws invalid_argument when a size is below 1 or does not fit the values; crop
/// needs rows >= target and both odd.
[[nodiscard]] std::vector<float> fit_relative_table(std::span<const float> table, int target, int width,
                                                    RelativePositions how);

}  // namespace vglaw
