#include "vglaw/scenes/scene_dataset.h"

#include <algorithm>
#include <array>
#include <utility>

#include "vglaw/core/error.h"
#include "vglaw/core/rng.h"
#include "vglaw/scenes/render.h"

namespace vglaw {
namespace {

constexpr std::uint64_t captions_stream = 0x63617074696f6e73;

static_assert(Rendering::background == LabelMap::background);

LayoutOptions layout_of(const SceneOptions& options) {
    return {options.min_objects, options.max_objects, options.min_side, options.max_side};
}

/// "[a cube] and [the red ball]": a caption and the objects that its phrases mean, in their order.
struct SceneCaption {
    std::string text;
    std::vector<int> referents;
};

/// The expression among one or two others of the same scene. What joins them says nothing about the scene, so the
/// caption is true. Empty when no other object has an expression.
SceneCaption caption_of(const Situation& situation, Style style, Rng& rng) {
    std::vector<int> others;
    for (int i = 0; i < int(situation.scene.objects.size()); ++i) {
        if (i != situation.expression.referent) others.push_back(i);
    }
    std::vector<Expression> parts{situation.expression};
    const auto wanted = std::size_t(rng.uniform_int(2, 3));
    while (parts.size() < wanted && !others.empty()) {
        const auto pick = std::ptrdiff_t(rng.uniform_int(0, int(others.size()) - 1));
        auto other = describe(situation.scene, others[std::size_t(pick)], style, rng);
        others.erase(others.begin() + pick);
        if (!other) continue;
        const bool before = rng.chance(0.5);
        parts.insert(before ? parts.begin() : parts.end(), std::move(*other));
    }
    if (parts.size() < 2) return {};
    constexpr std::array<const char*, 3> joiners{" and ", " then ", " with "};
    SceneCaption caption;
    for (const Expression& part : parts) {
        if (!caption.text.empty()) caption.text += joiners[std::size_t(rng.uniform_int(0, int(joiners.size()) - 1))];
        caption.text += "[" + part.text + "]";
        caption.referents.push_back(part.referent);
    }
    return caption;
}

}  // namespace

Situation make_situation(const SceneOptions& options, std::uint64_t seed, std::uint64_t index) {
    const LayoutOptions layout = layout_of(options);
    Rng rng(derive_seed(seed, index));
    const Style style = options.style == "mixed" ? Style(rng.uniform_int(0, 3)) : style_from_name(options.style);
    for (int attempt = 0; attempt < 200; ++attempt) {
        Situation situation;
        situation.scene = generate_scene(layout, rng);
        if (auto expression = describe_any(situation.scene, style, rng)) {
            situation.expression = std::move(*expression);
            return situation;
        }
    }
    fail(ErrorCode::internal, "no expression in style {} fits any of 200 scenes (seed {}, index {})", options.style,
         seed, index);
}

SceneDataset::SceneDataset(SceneOptions options, std::uint64_t seed, std::size_t size)
    : options_(std::move(options)), seed_(seed), size_(size) {
    check(layout_of(options_));
    if (!(options_.grow >= 0 && options_.grow <= 1)) {
        fail(ErrorCode::invalid_argument, "the share of growing scenes is {}, outside 0 to 1", options_.grow);
    }
    if (!(options_.captions >= 0 && options_.captions <= 1)) {
        fail(ErrorCode::invalid_argument, "the share of captions is {}, outside 0 to 1", options_.captions);
    }
    if (options_.style != "mixed") static_cast<void>(style_from_name(options_.style));
}

Example SceneDataset::get(std::size_t index) const {
    if (index >= size_)
        fail(ErrorCode::invalid_argument, "example {} of {} generated scenes does not exist", index, size_);
    SceneOptions options = options_;
    std::vector<int> further;  // referents of a caption's other phrases
    bool captioned = false;
    const double rising = options_.grow * double(size_);
    if (double(index) < rising) {
        const int least = std::min(options.min_objects + 1, options.max_objects);
        options.max_objects = least + int(double(options.max_objects - least + 1) * double(index) / rising);
    }
    Situation situation = make_situation(options, seed_, index);
    if (options.captions > 0) {
        Rng rng(derive_seed(seed_ ^ captions_stream, index));  // its own: the scene and its expression stay as they are
        if (rng.chance(options.captions)) {
            const Style style =
                options.style == "mixed" ? Style(rng.uniform_int(0, 3)) : style_from_name(options.style);
            if (auto caption = caption_of(situation, style, rng); !caption.text.empty()) {
                situation.expression.text = std::move(caption.text);
                situation.expression.referent = caption.referents.front();
                further.assign(caption.referents.begin() + 1, caption.referents.end());
                captioned = true;
            }
        }
    }
    Rendering rendering = render(situation.scene);
    Example example;
    example.expression = std::move(situation.expression.text);
    example.is_caption = captioned;
    example.box_px = rendering.visible_box_px(situation.expression.referent);
    example.mask = rendering.visible_mask(situation.expression.referent);
    for (const int referent : further)
        example.more.push_back({rendering.visible_box_px(referent), rendering.visible_mask(referent)});
    example.labels = {rendering.image.height, rendering.image.width, std::move(rendering.owner), {}};
    for (const SceneObject& object : situation.scene.objects) {
        example.labels.objects.push_back(
            {std::uint8_t(object.shape), std::uint8_t(object.colour), std::uint8_t(object.size)});
    }
    example.image = std::move(rendering.image);
    example.image_id = example.ref_id = example.sentence_id = std::int64_t(index);
    return example;
}

std::optional<LabelClasses> SceneDataset::label_classes() const {
    return LabelClasses{int(shape_names.size()), int(colour_names.size()), int(size_names.size())};
}

std::vector<std::string> expression_corpus(const SceneOptions& options, std::uint64_t seed, std::size_t count) {
    std::vector<std::string> corpus;
    corpus.reserve(count);
    for (std::size_t i = 0; i < count; ++i) corpus.push_back(make_situation(options, seed, i).expression.text);
    return corpus;
}

}  // namespace vglaw
