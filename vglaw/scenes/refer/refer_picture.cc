#include "vglaw/scenes/refer/refer_picture.h"

#include <algorithm>
#include <utility>

#include "vglaw/core/error.h"

namespace vglaw {
namespace {

constexpr std::uint64_t stream =
    0x5265665363656e65ULL;  // keeps these scenes apart from SceneDataset's of the same seed
constexpr std::int64_t ids_a_set = 1000000;
constexpr int max_references = 4;

std::vector<Expression> expressions_for(const ReferSetKind& kind, const Scene& scene, int object, Rng& rng) {
    std::vector<Expression> out;
    const int wanted = rng.uniform_int(kind.min_sentences, kind.max_sentences);
    for (int attempt = 0; attempt < 3 * wanted && int(out.size()) < wanted; ++attempt) {
        auto expression = describe(scene, object, kind.style, rng);
        if (!expression) break;
        const bool known =
            std::any_of(out.begin(), out.end(), [&](const Expression& e) { return e.text == expression->text; });
        if (!known) out.push_back(std::move(*expression));
    }
    return out;
}

bool suits(const std::string& split, Shape shape) {
    if (split == "testA") return is_round(shape);
    if (split == "testB") return !is_round(shape);
    return true;
}

}  // namespace

ReferSetKind refer_set_kind(const std::string& dataset) {
    const Style style = style_from_name(dataset);
    switch (style) {
        case Style::refcoco:
            return {style, dataset, "unc", 2, 4, false};
        case Style::refcoco_plus:
            return {style, dataset, "unc", 2, 4, false};
        case Style::refcocog:
            return {style, dataset, "umd", 1, 3, false};
        default:
            return {style, dataset, "berkeley", 1, 2, true};
    }
}

std::int64_t refer_image_id(const ReferSetKind& kind, int number) {
    return ids_a_set * std::int64_t(kind.style) + number + 1;
}

std::string refer_split(const ReferSetKind& kind, int number) {
    const bool two_tests = kind.split_by == "unc";
    switch (number % 20) {
        case 3:
        case 11:
            return "val";
        case 7:
            return two_tests ? "testA" : "test";
        case 15:
            return two_tests ? "testB" : "test";
        default:
            return "train";
    }
}

std::string refer_image_name(const ReferSetKind& kind, std::int64_t image_id) {
    if (kind.style == Style::refclef) return fmt::format("{:02d}/images/{}.jpg", (image_id - 1) / 512 % 100, image_id);
    return fmt::format("COCO_train2014_{:012d}.jpg", image_id);
}

std::string refer_image_folder(const ReferSetKind& kind) {
    return kind.style == Style::refclef ? "images/saiapr_tc-12" : "images/mscoco/images/train2014";
}

bool is_round(Shape shape) {
    switch (shape) {
        case Shape::ball:
        case Shape::heart:
        case Shape::ring:
        case Shape::moon:
        case Shape::cylinder:
        case Shape::flower:
            return true;
        default:
            return false;
    }
}

ReferPicture make_refer_picture(const ReferSetKind& kind, const LayoutOptions& layout, std::uint64_t seed, int number) {
    Rng rng(derive_seed(derive_seed(seed ^ stream, std::uint64_t(kind.style)), std::uint64_t(number)));
    const std::string split = refer_split(kind, number);
    for (int attempt = 0; attempt < 200; ++attempt) {
        ReferPicture picture;
        picture.scene = generate_scene(layout, rng);
        std::vector<int> objects;
        for (int i = 0; i < int(picture.scene.objects.size()); ++i) {
            if (suits(split, picture.scene.objects[std::size_t(i)].shape)) objects.push_back(i);
        }
        rng.shuffle(objects);
        const auto wanted = std::size_t(rng.uniform_int(1, max_references));
        for (const int object : objects) {
            if (picture.references.size() == wanted) break;
            auto expressions = expressions_for(kind, picture.scene, object, rng);
            if (!expressions.empty()) picture.references.push_back({object, std::move(expressions)});
        }
        if (picture.references.empty()) continue;
        picture.rendering = render(picture.scene);
        return picture;
    }
    fail(ErrorCode::internal, "no reference fits any of 200 scenes ({}, seed {}, picture {})", kind.dataset, seed,
         number);
}

}  // namespace vglaw
