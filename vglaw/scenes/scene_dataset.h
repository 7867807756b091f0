// Generated scenes as a data set: pictures and expressions made on the fly.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vglaw/data/dataset.h"
#include "vglaw/scenes/expression.h"
#include "vglaw/scenes/layout.h"

namespace vglaw {

struct SceneOptions {
    std::string style = "refcoco";          ///< a name of style_names, or "mixed" for any of the four in equal shares
    int min_objects = 3, max_objects = 12;  ///< in a picture
    int min_side = 160, max_side = 320;     ///< long side of a picture, pixels; the short one is 0.7 to 1 times as long
    double captions = 0;  ///< share of a SceneDataset's examples that are captions of two or three expressions
    double grow = 0;  ///< over this share of a SceneDataset the most objects rise from min_objects + 1 to max_objects
};

/// One scene with one expression for one of its objects.
struct Situation {
    Scene scene;
    Expression expression;
};

/// Item `index` of the endless stream `seed`: the same on any machine, independent of all other items. Throws
/// invalid_argument for options out of range.
[[nodiscard]] Situation make_situation(const SceneOptions& options, std::uint64_t seed, std::uint64_t index);

/// Example: `SceneDataset train({.style = "refcoco"}, 1, 100000); Example e = train.get(0);`
class SceneDataset final : public Dataset {
public:
    SceneDataset(SceneOptions options, std::uint64_t seed, std::size_t size);
    [[nodiscard]] std::size_t size() const override { return size_; }
    /// Throws invalid_argument when index >= size().
    [[nodiscard]] Example get(std::size_t index) const override;
    [[nodiscard]] std::optional<LabelClasses> label_classes() const override;
    [[nodiscard]] std::string name() const override { return "scenes/" + options_.style; }

private:
    SceneOptions options_;
    std::uint64_t seed_;
    std::size_t size_;
};

/// The first `count` expressions of the stream, without drawing anything; for building a vocabulary.
[[nodiscard]] std::vector<std::string> expression_corpus(const SceneOptions& options, std::uint64_t seed,
                                                         std::size_t count);

}  // namespace vglaw
