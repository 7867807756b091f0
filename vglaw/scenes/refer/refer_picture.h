// One picture of a generated REFER set: what is in it, who is referred to, and in which words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vglaw/scenes/expression.h"
#include "vglaw/scenes/layout.h"
#include "vglaw/scenes/render.h"

namespace vglaw {

/// How one of the four data sets is laid out.
struct ReferSetKind {
    Style style = Style::refcoco;
    std::string dataset, split_by;
    int min_sentences = 1, max_sentences = 1;  ///< of a reference
    bool run_lengths = false;                  ///< segmentations as a list of compressed RLE instead of polygons
};

/// Throws invalid_argument for an unknown data set.
[[nodiscard]] ReferSetKind refer_set_kind(const std::string& dataset);
/// The picture's id from its number in the set (from 0).
[[nodiscard]] std::int64_t refer_image_id(const ReferSetKind& kind, int number);
/// "train", "val", "test", "testA" or "testB".
[[nodiscard]] std::string refer_split(const ReferSetKind& kind, int number);
/// As in instances.json, relative to refer_image_folder().
[[nodiscard]] std::string refer_image_name(const ReferSetKind& kind, std::int64_t image_id);
[[nodiscard]] std::string refer_image_folder(const ReferSetKind& kind);

/// Round outlines; the other shapes have straight ones.
[[nodiscard]] bool is_round(Shape shape);

struct ReferReference {
    int object = 0;
    std::vector<Expression> expressions;
};

struct ReferPicture {
    Scene scene;
    Rendering rendering;
    std::vector<ReferReference> references;
};

/// A picture with at least one reference that suits the split. Deterministic in (seed, number).
[[nodiscard]] ReferPicture make_refer_picture(const ReferSetKind& kind, const LayoutOptions& layout, std::uint64_t seed,
                                              int number);

}  // namespace vglaw
