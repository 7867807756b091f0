// Pictures of what the model found and where it looked. Same input, same pixels (given the same fonts).
#pragma once

#include <optional>
#include <span>
#include <string>

#include "vglaw/geometry/boxes.h"
#include "vglaw/geometry/masks.h"
#include "vglaw/image/image.h"
#include "vglaw/image/letterbox.h"

namespace vglaw {

/// One expression's result on a picture.
struct DrawnGrounding {
    std::string expression;         ///< shown in the legend; wrapped to two lines, then cut
    std::optional<BoxXyxy> box_px;  ///< pixels of the picture; clipped to it
    Mask mask;                      ///< at the picture's size, or empty
};

enum class Legend { below, none };  ///< none: for a tile whose caption says it

/// The picture with translucent masks and boxes, each expression in its own colour, and a legend. Small pictures
/// are enlarged to 640 pixels on the long side so that letters stay legible, giants reduced to 4096.
/// Throws invalid_argument for an empty picture or a mask of another size.
[[nodiscard]] Image draw_grounding(const Image& image, std::span<const DrawnGrounding> groundings,
                                   Legend legend = Legend::below);

/// The picture under an attention map. weights [rows, columns] >= 0 spread over the whole picture, shown relative to
/// their maximum. Sized as draw_grounding. Throws invalid_argument when weights.size() is not rows * columns.
[[nodiscard]] Image draw_heat_map(const Image& image, std::span<const float> weights, int rows, int columns);
/// The same for weights over the letterboxed canvas, as the box head's attention is; those over padding are not shown.
[[nodiscard]] Image draw_heat_map(const Image& image, std::span<const float> weights, int rows, int columns,
                                  const Letterbox& placement);

/// A table of which words each block attends to. weights [blocks.size(), groups, tokens.size()]; a row is a block
/// (named by its index, from 1), a column a token, a cell the mean over groups in per cent. Throws invalid_argument
/// when a count is below 1, or weights.size() is not the product of the three.
[[nodiscard]] Image draw_token_attention(std::span<const float> weights, std::span<const int> blocks, int groups,
                                         std::span<const std::string> tokens);

/// One picture of a contact sheet.
struct Tile {
    Image image;
    std::string caption;  ///< wrapped to two lines, then cut
};

/// Tiles in reading order, `columns` a row, each scaled into a square of `side` pixels over its caption.
/// Throws invalid_argument when there is no tile, a tile is empty, or columns < 1 or side < 16.
[[nodiscard]] Image draw_contact_sheet(std::span<const Tile> tiles, int columns, int side = 256);

}  // namespace vglaw
