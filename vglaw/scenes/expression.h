// Referring expressions for generated scenes, true and unambiguous by construction.
#pragma once

#include <optional>
#include <string>

#include "vglaw/core/rng.h"
#include "vglaw/scenes/program.h"
#include "vglaw/scenes/wording.h"

namespace vglaw {

/// Lower-case words and what they mean. resolve_clearly(program, scene) is the referent.
struct Expression {
    std::string text;
    Program program;
    int referent = 0;  ///< index into Scene::objects
};

/// Throws invalid_argument for a name that is not in style_names.
[[nodiscard]] Style style_from_name(std::string_view name);

/// An expression for one object; nothing when none was found in a bounded number of attempts (crowded look-alikes).
[[nodiscard]] std::optional<Expression> describe(const Scene& scene, int object, Style style, Rng& rng);

/// An expression for an object of its own choice, most often one that shares its shape with another.
[[nodiscard]] std::optional<Expression> describe_any(const Scene& scene, Style style, Rng& rng);

}  // namespace vglaw
